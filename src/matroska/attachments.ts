/**
 * Attachments ([RFC 9559] 5.1.6): pictures, the cover by the name that readers look for.
 *
 * @module
 */

import type { ByteWriter } from "../bytes/byte_writer.ts";
import type { Metadata } from "../media/metadata.ts";
import { PICTURE_FRONT_COVER, picturesOf } from "../media/tags.ts";
import { binary, checkedMaster, master, text, uint } from "./ebml.ts";
import * as ID from "./ids.ts";

/** Writes Attachments; nothing when there are no pictures. */
export function writeAttachments(w: ByteWriter, metadata: Metadata): void {
  const pictures = picturesOf(metadata);
  if (pictures.length === 0) return;
  const cover = pictures.find(({ type }) => type === PICTURE_FRONT_COVER);
  checkedMaster(w, ID.Attachments, () =>
    pictures.forEach((picture, i) => {
      const { data, mimeType, description } = picture;
      const extension = mimeType.replace(/^.*\//, "").replace("jpeg", "jpg");
      master(w, ID.AttachedFile, () => {
        if (description) text(w, ID.FileDescription, description);
        text(w, ID.FileName, `${picture === cover ? "cover" : `picture_${i + 1}`}.${extension}`);
        text(w, ID.FileMediaType, mimeType);
        binary(w, ID.FileData, data);
        uint(w, ID.FileUID, i + 1);
      });
    }));
}
