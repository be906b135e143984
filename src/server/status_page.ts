/**
 * The page at `/`: plain HTML, and a script that fetches the JSON once a second. Everything that comes from outside is
 * put in as text.
 *
 * @module
 */

/** The whole page. */
export const STATUS_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Muxwell</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.25rem; }
  h2 { font-size: 1.125rem; margin: 2rem 0 0.25rem; }
  p { margin: 0.25rem 0; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  th, td { text-align: left; padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid #8884; }
  th { font-weight: 600; }
  td.number, th.number { text-align: right; }
  svg { width: 100%; height: 6rem; margin: 0.5rem 0; border-bottom: 1px solid #8888; }
  polyline { fill: none; stroke: #2a7ae2; stroke-width: 1.5; vector-effect: non-scaling-stroke; }
  .quiet { opacity: 0.7; }
</style>
<h1>Muxwell</h1>
<p id="server" class="quiet">Loading …</p>
<main id="points"></main>
<p id="failures"></p>
<script>
"use strict";
const SVG = "http://www.w3.org/2000/svg";
function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}
function duration(ms) {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part, i) => i ? String(part).padStart(2, "0") : part).join(":");
}
function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  for (; count >= 1000 && unit < units.length - 1; unit++) count /= 1000;
  return (unit ? count.toPrecision(3) : count) + " " + units[unit];
}
function rate(bits) {
  return Math.round(bits / 1000) + " kbit/s";
}
function plot(history) {
  const most = Math.max(1, ...history);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 " + (history.length - 1) + " 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "Bit rate over the last two minutes, at most " + rate(most));
  const line = document.createElementNS(SVG, "polyline");
  line.setAttribute("points", history.map((bits, i) => i + "," + (98 - 96 * bits / most)).join(" "));
  svg.append(line);
  return svg;
}
function row(cells, kind) {
  const made = element("tr");
  cells.forEach((cell, i) => made.append(element(kind, cell, i > 1 ? "number" : "")));
  return made;
}
function players(list) {
  const table = element("table");
  table.append(row(["Player", "Protocol", "Playing", "Sent", "Waiting"], "th"));
  for (const { address, kind, playingMs, sentBytes, queuedBytes } of list) {
    table.append(row([address, kind, duration(playingMs), bytes(sentBytes), bytes(queuedBytes)], "td"));
  }
  return table;
}
function point(status) {
  const section = element("section");
  section.append(element("h2", "/" + status.name));
  const facts = status.isLive
    ? ["live for " + duration(status.liveMs), rate(status.bitsPerSecond), status.packetCount + " packets",
      bytes(status.byteCount) + " received", bytes(status.backlogBytes) + " backlog"]
    : ["nothing to play", bytes(status.byteCount) + " received"];
  facts.push(status.playerCount + (status.playerCount === 1 ? " player" : " players"),
    status.droppedPlayerCount + " dropped");
  if (status.encoder) facts.push("fed by " + (status.encoder.address || "this process"));
  if (status.recording) facts.push("recorded to " + status.recording);
  section.append(element("p", facts.join(" · ")), plot(status.history));
  if (status.players.length > 0) section.append(players(status.players));
  return section;
}
async function refresh() {
  const server = document.getElementById("server");
  try {
    const status = await (await fetch("/status.json")).json();
    server.textContent = "up for " + duration(status.uptimeMs) + (status.points.length ? "" : " · no publishing point yet");
    document.getElementById("points").replaceChildren(...status.points.map(point));
    document.getElementById("failures").textContent = status.recordingFailures.join(" · ");
  } catch {
    server.textContent = "The server does not answer.";
  }
  setTimeout(refresh, 1000);
}
refresh();
</script>
</html>
`;
