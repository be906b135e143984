import * as GUID from "../guids.ts";
import { type ObjectSpec, textBytes, writeText } from "../object.ts";

/** The five fields that have an object of their own; an empty one is not stored. */
export interface ContentDescription {
  readonly title: string;
  readonly author: string;
  readonly copyright: string;
  readonly description: string;
  readonly rating: string;
}

function fields(value: ContentDescription): string[] {
  return [value.title, value.author, value.copyright, value.description, value.rating];
}

/** Content Description Object ([ASF] 3.10): first all lengths, then all texts. */
export const contentDescription: ObjectSpec<ContentDescription> = {
  guid: GUID.contentDescription,
  encode(w, value) {
    for (const text of fields(value)) w.u16(fieldBytes(text));
    for (const text of fields(value)) if (text !== "") writeText(w, text);
  },
};

function fieldBytes(text: string): number {
  return text === "" ? 0 : textBytes(text);
}
