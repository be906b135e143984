import { type Attribute, ATTRIBUTE_TYPE, attributeBytes, encodeAttribute } from "../attribute_value.ts";
import * as GUID from "../guids.ts";
import { type ObjectSpec, textBytes, writeText } from "../object.ts";

/** A BOOL is a DWORD here, and a WORD in the Metadata Objects. */
const BOOL_BYTES = 4;

/** Extended Content Description Object ([ASF] 3.11): attributes of the file, of at most 65 535 bytes each. */
export const extendedContentDescription: ObjectSpec<readonly Attribute[]> = {
  guid: GUID.extendedContentDescription,
  encode(w, attributes) {
    w.u16(attributes.length);
    for (const { name, value } of attributes) {
      w.u16(textBytes(name));
      writeText(w, name);
      w.u16(ATTRIBUTE_TYPE[value.type]);
      w.u16(attributeBytes(value, BOOL_BYTES));
      encodeAttribute(w, value, BOOL_BYTES);
    }
  },
};
