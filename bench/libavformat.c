/*
 * libavformat's ASF muxer, given the samples of a file that libavformat.ts writes, into a callback that discards: the
 * same over and over, as measure.ts does. Prints one line of JSON.
 *
 *     libavformat SAMPLES interleaved|direct
 *
 * interleaved: av_interleaved_write_frame, which orders the streams and copies what is its caller's, as a Writer does;
 * direct: av_write_frame, which does neither.
 *
 *     magic "SMPL" · sampleCount u32 · poolBytes u32 · pool · sample: offset u32 · byteLength u32 · timestamp i64 µs ·
 *     duration u32 µs · stream u8 · key u8 · u16 0
 */

#include <libavformat/avformat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define WARM_UP_RUNS 5
#define WARM_UP_MS 1000
#define RUNS 5
#define MEASURED_MS 700
#define MOST_RUNS 10000
#define IO_BYTES 65536

typedef struct {
  uint32_t offset, size;
  int64_t timestamp;
  uint32_t duration;
  uint8_t stream, key;
  uint16_t zero;
} Sample;

static const uint8_t AVC_RECORD[] = {
  0x01, 0x42, 0xc0, 0x0d, 0xff, 0xe1, 0x00, 0x17, 0x67, 0x42, 0xc0, 0x0d, 0xd9, 0x01, 0x41, 0x9f, 0x9f, 0x01, 0x10,
  0x00, 0x00, 0x03, 0xe9, 0x00, 0x00, 0xea, 0x60, 0x0f, 0x14, 0x2a, 0x48, 0x01, 0x00, 0x04, 0x68, 0xce, 0x3c, 0x80,
};
static const uint8_t AAC_CONFIG[] = { 0x11, 0x90 };

static uint8_t *pool;
static Sample *samples;
static uint32_t sample_count, pool_bytes;
static uint64_t written;
static int interleaves;

static double now_ms(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void check(int result, const char *what) {
  if (result >= 0) return;
  fprintf(stderr, "%s: %s\n", what, av_err2str(result));
  exit(1);
}

static int discard(void *opaque, uint8_t *bytes, int size) {
  (void) opaque;
  (void) bytes;
  written += size;
  return size;
}

static AVStream *add_stream(AVFormatContext *context, enum AVMediaType type, enum AVCodecID codec, const uint8_t *extra,
                            size_t size) {
  AVStream *stream = avformat_new_stream(context, NULL);
  AVCodecParameters *par = stream->codecpar;
  par->codec_type = type;
  par->codec_id = codec;
  par->extradata = av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE);
  memcpy(par->extradata, extra, size);
  par->extradata_size = size;
  return stream;
}

static void mux(void) {
  AVFormatContext *context = NULL;
  check(avformat_alloc_output_context2(&context, NULL, "asf", NULL), "alloc");
  AVCodecParameters *video = add_stream(context, AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_H264, AVC_RECORD, sizeof AVC_RECORD)->codecpar;
  video->width = 320;
  video->height = 180;
  video->bit_rate = 5000000;
  AVCodecParameters *audio = add_stream(context, AVMEDIA_TYPE_AUDIO, AV_CODEC_ID_AAC, AAC_CONFIG, sizeof AAC_CONFIG)->codecpar;
  audio->sample_rate = 48000;
  audio->bit_rate = 128000;
#if LIBAVFORMAT_VERSION_MAJOR >= 59
  av_channel_layout_default(&audio->ch_layout, 2);
#else
  audio->channels = 2;
#endif
  context->pb = avio_alloc_context(av_malloc(IO_BYTES), IO_BYTES, 1, NULL, NULL, (void *) discard, NULL);
  context->flags |= AVFMT_FLAG_CUSTOM_IO;
  context->flush_packets = 0;
  check(avformat_write_header(context, NULL), "write header");
  const AVRational microseconds = { 1, 1000000 };
  AVPacket *packet = av_packet_alloc();
  for (uint32_t i = 0; i < sample_count; i++) {
    const Sample *sample = &samples[i];
    const AVRational base = context->streams[sample->stream]->time_base;
    packet->data = pool + sample->offset;
    packet->size = sample->size;
    packet->stream_index = sample->stream;
    packet->pts = packet->dts = av_rescale_q(sample->timestamp, microseconds, base);
    packet->duration = av_rescale_q(sample->duration, microseconds, base);
    packet->flags = sample->key ? AV_PKT_FLAG_KEY : 0;
    check(interleaves ? av_interleaved_write_frame(context, packet) : av_write_frame(context, packet), "write frame");
  }
  av_packet_free(&packet);
  check(av_write_trailer(context), "write trailer");
  av_freep(&context->pb->buffer);
  avio_context_free(&context->pb);
  avformat_free_context(context);
}

static double once(void) {
  const double started = now_ms(CLOCK_MONOTONIC);
  mux();
  return now_ms(CLOCK_MONOTONIC) - started;
}

static void read_samples(const char *path) {
  FILE *file = fopen(path, "rb");
  char magic[4];
  if (!file || fread(magic, 4, 1, file) != 1 || memcmp(magic, "SMPL", 4) || fread(&sample_count, 4, 1, file) != 1 ||
      fread(&pool_bytes, 4, 1, file) != 1) {
    fprintf(stderr, "%s: no samples\n", path);
    exit(1);
  }
  pool = av_mallocz(pool_bytes + AV_INPUT_BUFFER_PADDING_SIZE);
  samples = av_malloc_array(sample_count, sizeof *samples);
  if (fread(pool, 1, pool_bytes, file) != pool_bytes ||
      fread(samples, sizeof *samples, sample_count, file) != sample_count) {
    fprintf(stderr, "%s: cut short\n", path);
    exit(1);
  }
  fclose(file);
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *) a, y = *(const double *) b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  interleaves = !strcmp(argv[2], "interleaved");
  av_log_set_level(AV_LOG_ERROR);
  read_samples(argv[1]);
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < sample_count; i++) bytes += samples[i].size;
  const double first = once();
  double ms = first;
  for (int runs = 1; runs < WARM_UP_RUNS || ms < WARM_UP_MS; runs++) ms += once();
  static double times[MOST_RUNS];
  int runs = 0;
  const double used = now_ms(CLOCK_PROCESS_CPUTIME_ID);
  for (ms = 0; runs < MOST_RUNS && (runs < RUNS || ms < MEASURED_MS); ms += times[runs - 1]) times[runs++] = once();
  const double processor = (now_ms(CLOCK_PROCESS_CPUTIME_ID) - used) / runs;
  qsort(times, runs, sizeof *times, ascending);
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("{\"ms\":%.4f,\"firstMs\":%.4f,\"processorMs\":%.4f,\"byteLength\":%llu,\"sampleCount\":%u,\"peakBytes\":%ld}\n",
         times[runs / 2], first, processor, (unsigned long long) bytes, sample_count, usage.ru_maxrss * 1024L);
  return written == 0;
}
