/** The body of a PushSetup, as encoders write it and as strangers might. */

import { assertEquals } from "@std/assert";
import { readDirectives } from "../../src/server/push_directives.ts";

const CASES: { name: string; body: string; templateUrl?: string; autoDestroy?: boolean }[] = [
  { name: "nothing", body: "" },
  { name: "both", body: 'Template-URL: "/live"\r\nAutoDestroy: 1\r\n', templateUrl: "/live", autoDestroy: true },
  { name: "the other order", body: "AutoDestroy: 1\r\nTemplate-URL: /live", templateUrl: "/live", autoDestroy: true },
  { name: "any case", body: "template-url:/a\nAUTODESTROY:1", templateUrl: "/a", autoDestroy: true },
  { name: "no wish to be destroyed", body: "AutoDestroy: 0\r\n" },
  { name: "a number that begins with 1", body: "AutoDestroy: 10" },
  {
    name: "blanks around",
    body: "AutoDestroy:\t 1 \r\nTemplate-URL:  /a b \t",
    templateUrl: "/a b",
    autoDestroy: true,
  },
  { name: "a quote alone in front", body: 'Template-URL: "/a', templateUrl: "/a" },
  { name: "a quote alone behind", body: 'Template-URL: /a"', templateUrl: "/a" },
  { name: "a quote in the middle", body: 'Template-URL: /a"b' },
  { name: "quotes around nothing", body: 'Template-URL: ""' },
  { name: "one quote", body: 'Template-URL: "' },
  { name: "a colon in the URL", body: "Template-URL: http://host:80/a", templateUrl: "http://host:80/a" },
  { name: "two", body: "Template-URL: /a\r\nTemplate-URL: /b", templateUrl: "/a" },
  { name: "lines that are none", body: "Template-URL\r\n: 1\r\n X-AutoDestroy: 1\r\n\r\n" },
];

for (const { name, body, templateUrl, autoDestroy = false } of CASES) {
  Deno.test(`readDirectives() of ${name}`, () => {
    assertEquals(readDirectives(body), { templateUrl, autoDestroy });
  });
}
