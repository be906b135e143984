/** An edge function answers with a container. */

import { asf, MuxStream, type StreamConfig, type StreamSample } from "@muxwell/muxwell";

const streams: StreamConfig[] = [{ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 }];

/** 50 ms of sound each, as long as somebody listens; a second at most. */
function liveSamples(signal: AbortSignal): ReadableStream<StreamSample> {
  let count = 0;
  return new ReadableStream<StreamSample>({
    pull(controller) {
      if (signal.aborted || count === 20) return controller.close();
      controller.enqueue({ streamNumber: 1, data: new Uint8Array(800).fill(count), timestamp: 50_000 * count++ });
    },
  });
}

export default {
  fetch(request: Request): Response {
    const container = asf();
    const body = liveSamples(request.signal).pipeThrough(new MuxStream({ container, streams, maxLatencyMs: 100 }));
    return new Response(body, { headers: { "content-type": container.mimeType(streams) } });
  },
};
