/** Largest number in a WORD. */
export const MAX_WORD = 0xffff;

/** Largest number in a DWORD. */
export const MAX_DWORD = 0xffff_ffff;
