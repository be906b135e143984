/** The guide for those who come from Windows names every call of the originals that concerns a writer. */

import { assertEquals } from "@std/assert";

const ORIGINALS: Record<string, string> = {
  "IMFSinkWriter":
    "AddStream SetInputMediaType BeginWriting WriteSample SendStreamTick PlaceMarker NotifyEndOfSegment " +
    "Flush Finalize GetServiceForStream GetStatistics",
  "IMFSinkWriterEx, IMFSinkWriterEncoderConfig": "GetTransformForStream SetTargetMediaType PlaceEncodingParameters",
  "IMFSinkWriterCallback, IMFSinkWriterCallback2": "OnFinalize OnMarker OnTransformChange OnStreamError",
  "creation": "MFCreateSinkWriterFromURL MFCreateSinkWriterFromMediaSink MFCreateASFMediaSink MFCreateMPEG4MediaSink",
  "attributes": "MF_SINK_WRITER_ASYNC_CALLBACK MF_SINK_WRITER_DISABLE_THROTTLING MF_SINK_WRITER_D3D_MANAGER " +
    "MF_READWRITE_ENABLE_HARDWARE_TRANSFORMS MF_READWRITE_MMCSS_CLASS MF_LOW_LATENCY MF_TRANSCODE_CONTAINERTYPE " +
    "MFT_FIELDOFUSE_UNLOCK_Attribute MF_READWRITE_ENABLE_AUTOFINALIZE",
  "IMFStreamSink, IMFMediaSink, IMFFinalizableMediaSink": "ProcessSample PlaceMarker BeginFinalize EndFinalize " +
    "Shutdown SetPresentationClock AddStreamSink GetCharacteristics",
  "IWMWriter": "SetProfileByID SetProfile SetOutputFilename GetInputCount GetInputProps SetInputProps " +
    "GetInputFormatCount GetInputFormat BeginWriting AllocateSample WriteSample Flush EndWriting",
  "IWMWriterAdvanced, 2, 3": "GetSinkCount GetSink AddSink RemoveSink WriteStreamSample SetLiveSource IsRealTime " +
    "GetWriterTime GetStatistics SetSyncTolerance SetInputSetting GetStatisticsEx SetNonBlocking",
  "IWMWriterSink": "OnHeader IsRealTime AllocateDataUnit OnDataUnit OnEndWriting",
  "IWMWriterFileSink, 2, 3": "Start Stop GetFileDuration GetFileSize Close IsClosed SetAutoIndexing SetControlStream " +
    "GetMode OnDataUnitEx SetUnbufferedIO CompleteOperations",
  "IWMWriterNetworkSink": "SetMaximumClients GetHostURL IWMClientConnections",
  "IWMWriterPushSink": "Connect Disconnect EndSession AcquireCredentials",
  "IWMHeaderInfo, 2, 3": "SetAttribute AddAttribute ModifyAttribute AddMarker AddScript AddCodecInfo",
  "IWMIndexer, 2": "StartIndexing Cancel Configure",
  "profiles": "IWMProfile IWMStreamConfig IWMMutualExclusion IWMBandwidthSharing IWMStreamPrioritization " +
    "IWMLanguageList IWMPacketSize AddDataUnitExtension",
  "others": "IWMWriterPreprocess IWMWriterPostView IWMDRMWriter IWMMetadataEditor Advise OnStatus",
  "errors": "MF_E_INVALIDREQUEST MF_E_INVALIDSTREAMNUMBER MF_E_INVALIDMEDIATYPE MF_E_NOT_FOUND MF_E_NOTACCEPTING " +
    "MF_E_TOPO_CODEC_NOT_FOUND MF_E_INVALID_TIMESTAMP MF_E_LATE_SAMPLE MF_E_SINK_HEADERS_NOT_FOUND MF_E_SHUTDOWN " +
    "MF_E_SINK_NO_SAMPLES_PROCESSED MF_E_UNSUPPORTED_SERVICE MF_S_SINK_NOT_FINALIZED MF_E_BYTESTREAM_NOT_SEEKABLE " +
    "NS_E_INVALID_STATE NS_E_INVALID_STREAM NS_E_INVALIDPROFILE NS_E_LATE_OPERATION NS_E_TOO_MUCH_DATA " +
    "NS_E_FILE_WRITE NS_E_NOCONNECTION NS_E_CONNECTION_FAILURE NS_E_ALREADY_CONNECTED ASF_E_STREAMNUMBERINUSE",
};

Deno.test("the guide for those who come from Windows names every call of the originals", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const guide = readme.slice(readme.indexOf("## Coming from Windows"), readme.indexOf("\n## Errors"));
  const named = new Set(guide.match(/\w+/g));
  const missing = Object.entries(ORIGINALS).flatMap(([source, names]) =>
    names.split(" ").filter((name) => !named.has(name)).map((name) => `${source}: ${name}`)
  );
  assertEquals(missing, []);
});
