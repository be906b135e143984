/** Where the frame rate is not known, or is the rate of a clock instead. */
const ASSUMED_FRAMERATE = 25;
const MAX_FRAMERATE = 240;

/** Pictures a second: as said, where that can be. */
export function likelyFramerate(framerate = ASSUMED_FRAMERATE): number {
  return framerate >= 1 && framerate <= MAX_FRAMERATE ? framerate : ASSUMED_FRAMERATE;
}
