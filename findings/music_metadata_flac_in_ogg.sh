#!/usr/bin/env bash
# music-metadata 11.16.1 knows the duration of FLAC in its own file, and of Vorbis and Opus in Ogg, but not of FLAC in Ogg:
# duration is undefined, although it was asked to read as far as it takes ({ duration: true }) and STREAMINFO says it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --no-audit --no-fund music-metadata@11.16.1 >>npm.log 2>&1
ffmpeg -v error -f lavfi -i sine=duration=3 -c:a flac plain.flac -c:a flac flac.ogg -c:a libvorbis vorbis.ogg
cat >durations.mjs <<'JS'
import { parseFile } from "music-metadata";
for (const name of ["plain.flac", "flac.ogg", "vorbis.ogg"]) {
  const { format } = await parseFile(name, { duration: true });
  console.log(`${name} ${format.codec} ${format.duration}`);
}
JS
said=$(node durations.mjs)
echo "$said"
[ "$said" = $'plain.flac FLAC 3\nflac.ogg FLAC undefined\nvorbis.ogg Vorbis I 3' ]
[ "$(ffprobe -v error -show_entries format=duration -of csv=p=0 flac.ogg)" = "3.000000" ]
