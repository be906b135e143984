#!/usr/bin/env bash
# ts-ebml 3.0.2, in Node 20: tools.makeMetadataSeekable() answers an ArrayBuffer of 8192 bytes for a recording of a few
# hundred bytes of metadata. It is the memory that Node shares among small Buffers, so the metadata do not even stand at
# its beginning, and a file put together as the package's own example does it (metadata, then the rest) is no WebM any
# more. FFmpeg refuses it. What to do: write from the pieces that the Decoder gives, or repair with another tool.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --no-audit --no-fund ts-ebml@3.0.2 >>npm.log 2>&1
ffmpeg -v error -f lavfi -i sine=duration=2 -c:a libopus -f webm -live 1 recording.webm
cat >seekable.mjs <<'JS'
import { readFileSync, writeFileSync } from "node:fs";
import { Decoder, Reader, tools } from "ts-ebml";
const file = readFileSync("recording.webm");
const reader = new Reader();
for (const element of new Decoder().decode(file.buffer.slice(file.byteOffset, file.byteOffset + file.length))) {
  reader.read(element);
}
reader.stop();
const metadata = tools.makeMetadataSeekable(reader.metadatas, reader.duration, reader.cues);
writeFileSync("seekable.webm", Buffer.concat([Buffer.from(metadata), file.subarray(reader.metadataSize)]));
console.log(`${reader.metadataSize < 1000} ${metadata.constructor.name} ${metadata.byteLength}`);
JS
said=$(node seekable.mjs)
echo "metadata of less than 1000 bytes, answered as: $said"
[ "$said" = "true ArrayBuffer 8192" ]
ffprobe -v error recording.webm
if ffmpeg -v error -xerror -i seekable.webm -f null - 2>ffmpeg.log; then
  echo "FFmpeg plays the result: this has changed" >&2
  exit 1
fi
echo "FFmpeg, of the result: $(tail -n 1 ffmpeg.log)"
