/**
 * Drives Chromium from Node: serves the application's folder to a page that never leaves this machine, and prints one line
 * of JSON. Arguments: the folder of playwright-core, Chromium, the application's folder.
 */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const [playwright, executablePath, folder] = process.argv.slice(2);
const { chromium } = createRequire(playwright)("playwright-core");
/** The strictest that the library runs under, and one that forbids to compile. */
const POLICY = "default-src 'none'; worker-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const POLICY_WITHOUT = "default-src 'none'; script-src 'self'";
const TYPES = { js: "text/javascript", wasm: "application/wasm", html: "text/html" };

const browser = await chromium.launch({
  executablePath,
  args: [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
    ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
  ],
});
try {
  const page = await browser.newPage();
  await page.route("**/*", async (route) => {
    const { pathname } = new URL(route.request().url());
    const contentType = TYPES[pathname.split(".").at(-1)] ?? "text/html";
    const headers = { "content-security-policy": pathname === "/closed/" ? POLICY_WITHOUT : POLICY };
    if (pathname.endsWith("/")) {
      return route.fulfill({ contentType, headers, body: "<!doctype html><title>app</title>" });
    }
    try {
      return await route.fulfill({ contentType, headers, body: await readFile(folder + pathname) });
    } catch {
      return route.fulfill({ status: 404 });
    }
  });
  await page.goto("https://application.test/closed/");
  await page.addScriptTag({ url: "/page.js", type: "module" });
  const closed = await page.evaluate(() => globalThis.run("mux").catch(({ code }) => code));
  await page.goto("https://application.test/");
  await page.addScriptTag({ url: "/page.js", type: "module" });
  const inPage = await page.evaluate(() => globalThis.run("mux"));
  const inWorker = await page.evaluate(() => {
    const worker = new Worker("/page.js", { type: "module" });
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => "error" in data ? reject(new Error(data.error)) : resolve(data.value);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(["mux"]);
    });
  });
  const files = {};
  for (const codec of ["vp8", "vp09.00.10.08", "av01.0.00M.08", "avc1.42001f"]) {
    files[codec] = await page.evaluate((codec) => globalThis.run("encode", codec), codec);
  }
  const recordings = [];
  for (const slow of [1, 2]) recordings.push(await page.evaluate((slow) => globalThis.run("recordSlowly", slow), slow));
  console.log(JSON.stringify({ closed, inPage, inWorker, files, recordings }));
} finally {
  await browser.close();
}
