#!/usr/bin/env bash
# FFmpeg 5.1 writes mono AAC into MP4 with a sample entry that says two channels; the one channel stands in the decoder's
# configuration (esds) alone. Readers that stop at the sample entry call it stereo: music-metadata 11.16.1
# (numberOfChannels) and mp4box.js 2.4.1 (audio.channel_count). FFmpeg itself reads the configuration.
# music-metadata also leaves the edit list out: its duration has the encoder's 1024 samples of priming, 3.023 s for 3 s.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --no-audit --no-fund music-metadata@11.16.1 mp4box@2.4.1 >>npm.log 2>&1
ffmpeg -v error -f lavfi -i sine=duration=3 -ac 1 -c:a aac mono.mp4
cat >channels.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createFile } from "mp4box";
import { parseFile } from "music-metadata";
const { format } = await parseFile("mono.mp4", { duration: true });
const file = readFileSync("mono.mp4");
const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
bytes.fileStart = 0;
const reader = createFile();
let channels;
reader.onReady = ({ tracks }) => channels = tracks[0].audio.channel_count;
reader.appendBuffer(bytes);
reader.flush();
console.log(`${format.numberOfChannels} ${format.duration.toFixed(3)} ${channels}`);
JS
said=$(node channels.mjs)
probed=$(ffprobe -v error -show_entries stream=channels:format=duration -of csv=p=0 mono.mp4 | paste -sd' ')
echo "music-metadata: channels, seconds; mp4box.js: channels: $said"
echo "FFmpeg: channels, seconds: $probed"
[ "$said" = "2 3.023 2" ]
[ "$probed" = "1 3.000000" ]
