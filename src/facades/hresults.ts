/**
 * The originals' values for what goes wrong. Where a code is missing here the original documents no value for it:
 * `IWMWriter` answers `NS_E_INVALID_STATE` to a call at the wrong time, and no header tells what that is.
 *
 * @module
 */

import type { HresultTable } from "../session/hooks.ts";

/** `MF_E_NOT_FOUND`: no container for a file name's extension. */
export const MF_E_NOT_FOUND = 0xC00D36D5;
/** `MF_E_TOPO_CODEC_NOT_FOUND`: an encoder that cannot be made. */
export const MF_E_TOPO_CODEC_NOT_FOUND = 0xC00D5212;

/** `IWMWriter` and its sinks. */
export const WRITER_HRESULTS: HresultTable = {
  "bad-media": 0xC00D002F, // NS_E_INVALID_DATA
  "invalid-stream": 0xC00D003C, // NS_E_INVALID_STREAM
  "late-sample": 0xC00D002E, // NS_E_LATE_OPERATION
  "queue-full": 0xC00D0BCC, // NS_E_TOO_MUCH_DATA
  "sink-failed": 0xC00D0018, // NS_E_FILE_WRITE
  "unsupported": 0xC00D0BBB, // NS_E_INVALID_OUTPUT_FORMAT
};

/** `IMFSinkWriter` and the media sinks behind it. */
export const SINK_WRITER_HRESULTS: HresultTable = {
  "core-unavailable": 0xC00D36B0, // MF_E_PLATFORM_NOT_INITIALIZED
  "invalid-state": 0xC00D36B2, // MF_E_INVALIDREQUEST
  "invalid-stream": 0xC00D36B3, // MF_E_INVALIDSTREAMNUMBER
  "late-sample": 0xC00D4652, // MF_E_LATE_SAMPLE
  "missing-description": 0xC00D4A45, // MF_E_SINK_HEADERS_NOT_FOUND
  "no-samples": 0xC00D4A44, // MF_E_SINK_NO_SAMPLES_PROCESSED
  "queue-full": 0xC00D36B5, // MF_E_NOTACCEPTING
  "time-order": 0xC00D36C0, // MF_E_INVALID_TIMESTAMP
  "unsupported": 0xC00D36B4, // MF_E_INVALIDMEDIATYPE
};
