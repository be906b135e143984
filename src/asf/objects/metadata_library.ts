import * as GUID from "../guids.ts";
import type { ObjectSpec } from "../object.ts";
import { encodeRecords, type MetadataRecord } from "./metadata.ts";

/** Metadata Library Object ([ASF] 4.8): what fits nowhere else, that is large values and further values of one name. */
export const metadataLibrary: ObjectSpec<readonly MetadataRecord[]> = {
  guid: GUID.metadataLibrary,
  encode: encodeRecords,
};
