/**
 * Looks into ASF files.
 * @module
 */
export { AsfReader } from "./reader.ts";
export { PacketParser } from "./packet_parser.ts";
