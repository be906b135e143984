/**
 * The page at `/`: plain HTML, and a script that fetches the JSON once a second. Everything that comes from outside is
 * put in as text.
 *
 * @module
 */

const STYLE = `
  :root {
    color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif;
    --line: light-dark(#d8dce2, #3a3f47); --quiet: light-dark(#5a626e, #a4adba);
    --card: light-dark(#fff, #1b1e23); --page: light-dark(#f4f5f7, #121417);
    --rate: light-dark(#1f6fd6, #6aa9ff); --live: light-dark(#117a3c, #4cc27a); --bad: light-dark(#b3261e, #ff8a80);
  }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; background: var(--page); }
  header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.25rem 1rem; }
  h1 { font-size: 1.25rem; margin: 0; }
  h2 { font-size: 1.125rem; margin: 0; overflow-wrap: anywhere; }
  p { margin: 0.25rem 0; overflow-wrap: anywhere; }
  section { background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; padding: 1rem; margin: 1rem 0; }
  .title { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.75rem; }
  .badge { font-size: 0.8125rem; font-weight: 600; color: var(--quiet); }
  .live .badge { color: var(--live); }
  .silent .badge { color: var(--bad); }
  .quiet { color: var(--quiet); font-size: 0.875rem; }
  .bad { color: var(--bad); }
  dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr)); gap: 0.5rem 1rem; margin: 0.75rem 0; }
  dt { color: var(--quiet); font-size: 0.8125rem; }
  dd { margin: 0; font-size: 1.125rem; font-variant-numeric: tabular-nums; }
  figure { margin: 0.5rem 0 0; }
  figure div { position: relative; }
  svg { display: block; width: 100%; height: 7rem; border-bottom: 1px solid var(--line); }
  polyline { fill: none; stroke: var(--rate); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
  polygon { fill: var(--rate); opacity: 0.12; }
  line { stroke: var(--line); vector-effect: non-scaling-stroke; }
  .scale { position: absolute; left: 0; font-size: 0.75rem; line-height: 1; color: var(--quiet); }
  figcaption { display: flex; justify-content: space-between; font-size: 0.75rem; color: var(--quiet); }
  .wide { overflow-x: auto; margin-top: 0.75rem; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; white-space: nowrap; }
  th, td { text-align: left; padding: 0.25rem 1rem 0.25rem 0; border-top: 1px solid var(--line); font-size: 0.9375rem; }
  th { font-weight: 600; border-top: 0; color: var(--quiet); font-size: 0.8125rem; }
  td.number, th.number { text-align: right; }
  td:last-child, th:last-child { padding-right: 0; }
`;

const SCRIPT = `
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
function scaled(value, units) {
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return (unit && value < 100 ? value.toPrecision(3) : Math.round(value)) + " " + units[unit];
}
const bytes = (count) => scaled(count, ["B", "kB", "MB", "GB", "TB"]);
const rate = (bits) => scaled(bits / 1000, ["kbit/s", "Mbit/s", "Gbit/s"]);
const counted = (count, noun) => count + " " + noun + (count === 1 ? "" : "s");
/** 1, 2 or 5 times a power of ten, so that the scale does not jump at every second. */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1000, value)));
  return [1, 2, 5, 10].find((factor) => factor * power >= value) * power;
}
function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
function plot(history) {
  const most = ceiling(Math.max(...history));
  const width = history.length - 1;
  const points = history.map((bits, i) => i + "," + (100 - 100 * bits / most).toFixed(1)).join(" ");
  const svg = shape("svg", { viewBox: "0 0 " + width + " 100", preserveAspectRatio: "none", role: "img",
    "aria-label": "Bit rate over the last two minutes, at most " + rate(Math.max(...history)) });
  for (const y of [0, 50]) svg.append(shape("line", { x1: 0, x2: width, y1: y, y2: y }));
  svg.append(shape("polygon", { points: "0,100 " + points + " " + width + ",100" }), shape("polyline", { points }));
  const frame = element("div");
  frame.append(svg);
  for (const [share, top] of [[1, "0.25rem"], [0.5, "3.75rem"]]) {
    const label = element("span", rate(most * share), "scale");
    label.style.top = top;
    frame.append(label);
  }
  const caption = element("figcaption");
  caption.append(element("span", "2 minutes ago"), element("span", "now"));
  const figure = element("figure");
  figure.append(frame, caption);
  return figure;
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
  const frame = element("div", undefined, "wide");
  frame.append(table);
  return frame;
}
/** A word on what goes on, and its kind. */
function state({ isLive, liveMs, encoder, bitsPerSecond }) {
  if (!isLive) return ["", encoder ? "○ the encoder is there, its stream is not" : "○ nobody pushes"];
  if (!encoder?.isStreaming) return ["silent", "● live, but the encoder is away"];
  if (liveMs > 6000 && bitsPerSecond === 0) return ["silent", "● live, but nothing comes in"];
  return ["live", "● live"];
}
function facts(pairs) {
  const list = element("dl");
  for (const [name, value, isBad] of pairs) {
    const pair = element("div");
    pair.append(element("dt", name), element("dd", value, isBad ? "bad" : ""));
    list.append(pair);
  }
  return list;
}
function point(status) {
  const [kind, words] = state(status);
  const section = element("section", undefined, kind);
  const title = element("div", undefined, "title");
  title.append(element("h2", "/" + status.name), element("span", words, "badge"));
  const path = location.host + "/" + status.name.split("/").map(encodeURIComponent).join("/");
  const lines = ["mmsh://" + path + " · http://" + path];
  if (status.encoder) lines.push("fed by " + (status.encoder.address || "this process"));
  if (status.recording) lines.push("recorded to " + status.recording);
  section.append(title, ...lines.map((line) => element("p", line, "quiet")), facts([
    ...(status.isLive ? [["Live for", duration(status.liveMs)], ["Bit rate", rate(status.bitsPerSecond)]] : []),
    ["Players", status.playerCount],
    ["Players dropped", status.droppedPlayerCount, status.droppedPlayerCount > 0],
    ...(status.isLive ? [["Backlog", bytes(status.backlogBytes)], ["Packets", status.packetCount]] : []),
    ...(status.refusedPacketCount ? [["Packets refused", status.refusedPacketCount, true]] : []),
    ["Received", bytes(status.byteCount)],
  ]));
  if (status.byteCount > 0) section.append(plot(status.history));
  if (status.players.length > 0) section.append(players(status.players));
  const hidden = status.playerCount - status.players.length;
  if (hidden > 0) section.append(element("p", "and " + counted(hidden, "more player"), "quiet"));
  return section;
}
async function refresh() {
  const server = document.getElementById("server");
  try {
    const status = await (await fetch("/status.json")).json();
    const sum = (of) => status.points.reduce((total, point) => total + of(point), 0);
    server.className = "quiet";
    server.textContent = ["up for " + duration(status.uptimeMs), sum((point) => Number(point.isLive)) + " live",
      counted(sum((point) => point.playerCount), "player"), rate(sum((point) => point.bitsPerSecond)) + " in",
      ...(status.points.length ? [] : ["no publishing point yet"])].join(" · ");
    // What somebody is about to copy stays.
    if (document.getSelection().isCollapsed) document.getElementById("points").replaceChildren(...status.points.map(point));
    document.getElementById("failures").replaceChildren(
      ...(status.acceptFailureCount > 0 ? [element("p",
        "Connections could not be taken, " + counted(status.acceptFailureCount, "time") + ": " + status.lastAcceptFailure,
        "bad")] : []),
      ...status.recordingFailures.map((line) => element("p", "Recording failed: " + line, "bad")));
  } catch {
    server.className = "bad";
    server.textContent = "The server does not answer.";
  }
  setTimeout(refresh, 1000);
}
refresh();
`;

/** The whole page. */
export const STATUS_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Muxwell</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
<header><h1>Muxwell</h1><p id="server" class="quiet">Loading …</p></header>
<div id="failures"></div>
<main id="points"></main>
<script>${SCRIPT}</script>
</html>
`;
