/** An MP3 becomes a .wma with its tags and cover. */

import { asf, fileSink, Writer } from "@muxwell/muxwell";
import { openMedia } from "@muxwell/muxwell/demux";

export async function songToWma(from: string, to: string): Promise<void> {
  await using song = await openMedia(from);
  await using writer = new Writer({
    container: asf(),
    sinks: [fileSink(to)],
    streams: song.streams,
    metadata: song.metadata,
  });
  await writer.beginWriting();
  await song.samples.pipeTo(writer.writable); // closing it is endWriting()
  console.log(await writer.closed);
}
