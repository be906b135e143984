#!/usr/bin/env bash
# mp4box.js 2.4.1 has no rate and no channels for ALAC: onReady's track is of type "metadata" and has no `audio`, where AAC
# in the same container has both, since the sample entry is not known as one of sound. Code that looks for tracks of type
# "audio" finds none in an .m4a of Apple's own lossless codec.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --no-audit --no-fund mp4box@2.4.1 >>npm.log 2>&1
ffmpeg -v error -f lavfi -i sine=duration=1 -c:a alac alac.m4a -c:a aac aac.m4a
cat >audio.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createFile } from "mp4box";
for (const name of ["aac.m4a", "alac.m4a"]) {
  const file = readFileSync(name);
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
  bytes.fileStart = 0;
  const reader = createFile();
  reader.onReady = ({ tracks: [track] }) => console.log(`${track.codec} ${track.type} ${track.audio?.sample_rate}`);
  reader.appendBuffer(bytes);
  reader.flush();
}
JS
said=$(node audio.mjs)
echo "$said"
[ "$said" = $'mp4a.40.2 audio 44100\nalac metadata undefined' ]
