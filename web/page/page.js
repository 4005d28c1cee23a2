"use strict";
// The page: files come in, scores and pictures go out; everything that is computed is computed by the model.

const byId = (id) => document.getElementById(id);
/** Rows of the table, letters that are drawn, and letters up to which substitutions are scored at once. */
const ROWS = 500, DRAWN = 2000, AT_ONCE = { sums: 2000, others: 200 };
/** Milliseconds after the last letter before reasons are computed. */
const PAUSE = 120;

const state = { model: null, about: null, file: null, sequences: null, names: [], scores: [], record: null, original: "", output: 0, explained: null, shown: false, timer: 0 };

const EXAMPLE = { model: "/* example/model.ckn */", sequences: "/* example/sequences.fa */" };

const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const number = (value) => Number.isFinite(value) ? (Object.is(value, -0) ? 0 : value).toFixed(3).replace("-", "\u2212") : String(value);
const signed = (value) => (value > 0 ? "+" : "") + number(value);
const width = () => Math.max(state.about.outputs.length, 1);

/** An element with text and attributes; text is never markup. */
function element(name, attributes = {}, ...children) {
  const made = name.startsWith("svg:") ? document.createElementNS("http://www.w3.org/2000/svg", name.slice(4)) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function fail(error) {
  const broken = error instanceof WebAssembly.RuntimeError;
  byId("error").textContent = broken ? `The page ran out of memory, or met an error of its own (${error.message}). Load it anew.` : error.message;
  byId("error").hidden = false;
  byId("status").textContent = "";
}

/** Does something whose errors the page shows. */
async function attempt(work) {
  byId("error").hidden = true;
  try { await work(); } catch (error) { fail(error); }
}

const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

async function take(files) {
  // A model first: sequences are read in its letters.
  const read = await Promise.all([...files].map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })));
  read.sort((left, right) => ckn.isModel(right.bytes) - ckn.isModel(left.bytes));
  for (const file of read) await (ckn.isModel(file.bytes) ? openModel(file) : openSequences(file));
}

async function openModel(file) {
  byId("status").textContent = `Reading ${file.name} …`;
  await painted();
  const model = new ckn.Model(file.name, file.bytes);
  state.model?.free();
  Object.assign(state, { model, about: JSON.parse(model.description()), output: 0 });
  showModel(file.name);
  byId("status").textContent = `${file.name} is ready.`;
  if (state.file) await openSequences(state.file);
}

async function openSequences(file) {
  // Of another model's letters: gone, whether the new ones can be read or not.
  state.sequences?.free();
  Object.assign(state, { file, sequences: null, record: null });
  byId("scores").hidden = byId("sequence").hidden = true;
  if (!state.model) {
    byId("status").textContent = `${file.name} waits for a model.`;
    return;
  }
  byId("status").textContent = `Scoring ${file.name} …`;
  await painted();
  const sequences = state.model.read(file.name, file.bytes);
  state.sequences = sequences;
  state.scores = state.model.scores(sequences);
  state.names = sequences.names();
  byId("status").textContent = `${file.name}: ${sequences.length} sequence${sequences.length === 1 ? "" : "s"} scored.`;
  byId("scores").hidden = byId("sequence").hidden = false;
  showScores();
  select(0);
}

function facts(list, rows) {
  list.replaceChildren(...rows.filter(([, value]) => value !== null).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
  list.hidden = false;
}

function showModel(name) {
  const { about } = state;
  const lengths = about.trained_on && (about.trained_on[0] === about.trained_on[1] ? `${about.trained_on[0]} letters` : `${about.trained_on.join(" to ")} letters`);
  const quality = ["validation_auroc", "held_out_auroc", "cross_validated_auroc"].find((key) => key in about.measured);
  facts(byId("facts"), [
    ["Model", name], ["Kind", about.kind], ["Alphabet", `${about.alphabet} (${about.letters})`], ["Score", about.unit],
    ["Trained on", lengths], ["Looks at", `${about.shortest} letters at least`], ["Strands", about.both_strands ? "both have one score" : "as written"],
    ["Outputs", about.outputs.length ? String(about.outputs.length) : null], ["AUROC in training", quality ? number(about.measured[quality]) : null],
  ]);
  byId("output").replaceChildren(...about.outputs.map((output, place) => element("option", { value: place }, output)));
  byId("output-choice").hidden = about.outputs.length < 2;
  byId("letters-kind").textContent = `(${about.letters} and unknown ones)`;
}

const score = (record, output = state.output) => state.scores[record * width() + output];

/** Name of the class of the highest score. */
function classOf(scores) {
  return state.about.outputs[scores.indexOf(Math.max(...scores))];
}

function showScores() {
  const { about, names } = state;
  const outputs = about.outputs.length > 8 ? [state.output] : [...Array(width()).keys()];
  const title = (output) => about.outputs[output] ?? "Score";
  const head = [element("th", { scope: "col" }, "Sequence"), ...outputs.map((output) => element("th", { scope: "col", class: "number" }, title(output)))];
  if (about.classes) head.push(element("th", { scope: "col" }, "Class"));
  byId("score-table").tHead.replaceChildren(element("tr", {}, ...head));
  const wanted = byId("filter").value.toLowerCase();
  let records = [...names.keys()].filter((record) => names[record].toLowerCase().includes(wanted));
  const way = { file: 0, high: -1, low: 1 }[byId("order").value];
  if (way) records.sort((left, right) => way * (score(left) - score(right)) || left - right);
  const count = records.length;
  records = records.slice(0, ROWS);
  byId("score-table").caption.textContent = count > ROWS ? `${ROWS} of ${count} sequences; the file of scores has all.` : `${count} of ${names.length} sequences.`;
  byId("scores-note").textContent = `Scores are ${about.unit}.`;
  byId("score-table").tBodies[0].replaceChildren(...records.map((record) => {
    const button = element("button", { type: "button", class: "name" }, names[record] || "(no name)");
    button.addEventListener("click", () => { select(record); byId("letters").focus(); });
    const row = element("tr", { "data-record": record }, element("th", { scope: "row" }, button), ...outputs.map((output) => element("td", { class: "number" }, number(score(record, output)))));
    if (about.classes) row.append(element("td", {}, classOf(state.scores.slice(record * width(), (record + 1) * width()))));
    return row;
  }));
  mark();
}

function mark() {
  for (const row of byId("score-table").tBodies[0].rows) row.setAttribute("aria-current", Number(row.dataset.record) === state.record);
}

function select(record) {
  state.record = record;
  state.original = state.sequences.letters(record);
  state.shown = false;
  byId("letters").value = state.original;
  mark();
  rescore(0);
}

const typed = () => byId("letters").value.replace(/\s/g, "").toUpperCase();

/** The score of what is in the field, at once, and its reasons after a pause. */
function rescore(pause = PAUSE) {
  const problem = byId("letters-error");
  clearTimeout(state.timer);
  problem.hidden = true;
  try {
    const letters = typed(), scores = state.model.score(letters), now = scores[state.output];
    const before = score(state.record);
    facts(byId("score-facts"), [
      ["Sequence", state.names[state.record] || "(no name)"], ["Letters", String(letters.length)], ["Score", number(now)],
      ["In the file", letters === state.original ? null : number(before)], ["Difference", letters === state.original ? null : signed(now - before)],
      ["Class", state.about.classes ? classOf([...scores]) : null],
    ]);
    byId("score-facts").dataset.score = now;
    state.timer = setTimeout(() => attempt(() => explain(letters)), pause);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) { fail(error); return; }
    problem.textContent = error.message;
    problem.hidden = false;
  }
}

function explain(letters, asked = false) {
  const most = state.about.sums ? AT_ONCE.sums : AT_ONCE.others;
  const all = asked || letters.length <= most;
  const answer = state.model.explain(letters, all);
  state.explained = { letters, score: answer.score, contributions: answer.contributions(), after: answer.after() };
  byId("contributions-note").textContent = (answer.baseline === undefined ? `By ${answer.way}; these do not sum to the score.` : `By ${answer.way}: with ${number(answer.baseline)}, the score of a sequence of no information, they sum to the score.`)
    + (letters.length > DRAWN ? ` The first ${DRAWN} letters are drawn.` : "");
  answer.free();
  byId("contributions").replaceChildren(drawContributions(state.explained));
  byId("compute-effects").hidden = all;
  byId("effects-note").textContent = all ? "The difference that a substitution makes; choose one to make it. Frames are the letters that stand there." : "";
  byId("effects").replaceChildren(...(all ? [drawEffects(state.explained)] : []));
  byId("strongest").hidden = !all;
  if (all) showStrongest(state.explained);
  if (!state.shown) scrollToStrongest(state.explained.contributions);
  state.shown = true;
}

/** Brings what contributes most into sight, of a sequence that was not shown before. */
function scrollToStrongest(contributions) {
  const place = contributions.reduce((best, value, at) => Math.abs(value) > Math.abs(contributions[best]) ? at : best, 0);
  for (const id of ["contributions", "effects"]) byId(id).scrollLeft = LEFT + (place + .5) * STEP - byId(id).clientWidth / 2;
}

const STEP = 9, LEFT = 34;
const svg = (width, height, title) => element("svg:svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img" }, element("svg:title", {}, title));

function ruler(drawing, count, height) {
  for (let place = 9; place < count; place += 10) drawing.append(element("svg:text", { x: LEFT + (place + .5) * STEP, y: height, class: "small", "text-anchor": "middle" }, String(place + 1)));
}

function drawContributions({ letters, contributions, score }) {
  const count = Math.min(letters.length, DRAWN), height = 150, zero = 70, room = 60;
  const largest = contributions.slice(0, count).reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12);
  const drawing = svg(LEFT + count * STEP + 8, height, `Contributions of ${letters.length} letters to the score ${number(score)}; the largest is ${number(largest)}`);
  drawing.append(element("svg:line", { x1: LEFT, x2: LEFT + count * STEP, y1: zero, y2: zero, class: "axis" }));
  for (const [value, y] of [[largest, zero - room], [0, zero], [-largest, zero + room]]) drawing.append(element("svg:text", { x: LEFT - 4, y: y + 3, class: "small", "text-anchor": "end" }, value.toPrecision(2).replace("-", "\u2212").replace(/^0\.0$/, "0")));
  for (let place = 0; place < count; place += 1) {
    const value = contributions[place], tall = Math.abs(value) / largest * room, letter = letters[place];
    if (tall < .5) continue;
    // Letters as tall as what they contribute; those that lower the score hang below the line.
    const glyph = element("svg:text", { class: letter, "font-size": 14, "text-anchor": "middle", transform: `translate(${LEFT + (place + .5) * STEP} ${value > 0 ? zero : zero + tall}) scale(1 ${tall / 10})` }, letter);
    glyph.append(element("svg:title", {}, `${letter} at ${place + 1}: ${signed(value)}`));
    drawing.append(glyph);
  }
  ruler(drawing, count, height - 4);
  return drawing;
}

function drawEffects({ letters, after, score }) {
  const alphabet = state.about.letters, count = Math.min(letters.length, DRAWN), tall = 14;
  const largest = after.reduce((most, value) => Math.max(most, Math.abs(value - score)), 1e-12);
  const drawing = svg(LEFT + count * STEP + 8, alphabet.length * tall + 18, `Differences of the score by substitutions; the largest is ${number(largest)}`);
  for (let row = 0; row < alphabet.length; row += 1) drawing.append(element("svg:text", { x: LEFT - 8, y: row * tall + 11, "font-size": 12, "text-anchor": "end", class: alphabet[row] }, alphabet[row]));
  for (let place = 0; place < count; place += 1) {
    for (let row = 0; row < alphabet.length; row += 1) {
      const difference = after[place * alphabet.length + row] - score, own = letters[place] === alphabet[row];
      const cell = element("svg:rect", { x: LEFT + place * STEP, y: row * tall, width: STEP, height: tall, class: `cell ${own ? "own" : difference > 0 ? "up" : "down"}` });
      if (!own) {
        cell.setAttribute("fill-opacity", (Math.abs(difference) / largest).toFixed(3));
        cell.dataset.place = place;
        cell.dataset.letter = alphabet[row];
        cell.append(element("svg:title", {}, `${letters[place]}${place + 1}${alphabet[row]}: ${signed(difference)}`));
      }
      drawing.append(cell);
    }
  }
  ruler(drawing, count, alphabet.length * tall + 13);
  return drawing;
}

/** The substitutions of a sequence: place, letter, difference and score. */
function substitutions({ letters, after, score }) {
  const alphabet = state.about.letters, made = [];
  after.forEach((value, cell) => {
    const place = Math.floor(cell / alphabet.length), letter = alphabet[cell % alphabet.length];
    if (letters[place] !== letter) made.push({ place, letter, difference: value - score, after: value });
  });
  return made;
}

function showStrongest(explained) {
  const strongest = substitutions(explained).sort((left, right) => Math.abs(right.difference) - Math.abs(left.difference) || left.place - right.place).slice(0, 12);
  byId("strongest-rows").replaceChildren(...strongest.map(({ place, letter, difference, after }) => {
    const name = `${explained.letters[place]}${place + 1}${letter}`;
    const button = element("button", { type: "button", "aria-label": `Make the substitution ${name}` }, "Make it");
    button.addEventListener("click", () => substitute(place, letter));
    return element("tr", {}, element("th", { scope: "row", class: "letters" }, name), element("td", { class: "number" }, signed(difference)), element("td", { class: "number" }, number(after)), element("td", {}, button));
  }));
}

function substitute(place, letter) {
  const letters = typed();
  byId("letters").value = letters.slice(0, place) + letter + letters.slice(place + 1);
  rescore(0);
}

function save(name, lines) {
  const link = element("a", { href: URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/tab-separated-values" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function saveScores() {
  const { outputs } = state.about;
  const head = ["id", ...(outputs.length ? outputs.map((output) => `score:${output}`) : ["score"])];
  save("scores.tsv", [head.join("\t"), ...state.names.map((name, record) => [name, ...state.scores.slice(record * width(), (record + 1) * width())].join("\t"))]);
}

function saveContributions() {
  const { letters, contributions, after } = state.explained, alphabet = [...state.about.letters];
  const rows = [...letters].map((letter, place) => [place, letter, contributions[place], ...(after.length ? alphabet.map((_, row) => after[place * alphabet.length + row]) : [])].join("\t"));
  save("contributions.tsv", [["position", "letter", "contribution", ...(after.length ? alphabet.map((letter) => `score:${letter}`) : [])].join("\t"), ...rows]);
}

function listen() {
  for (const id of ["model-file", "sequence-file"]) byId(id).addEventListener("change", async (event) => {
    await attempt(() => take(event.target.files));
    event.target.value = "";
    document.body.dataset.taken = Number(document.body.dataset.taken) + 1;
  });
  byId("example").addEventListener("click", () => attempt(async () => {
    state.file = null;
    await openModel({ name: "the example model", bytes: bytesOf(EXAMPLE.model) });
    await openSequences({ name: "the example sequences", bytes: bytesOf(EXAMPLE.sequences) });
  }));
  for (const name of ["dragenter", "dragover"]) document.addEventListener(name, (event) => { event.preventDefault(); document.body.classList.add("dropping"); });
  for (const name of ["dragleave", "drop"]) document.addEventListener(name, (event) => { if (name === "drop" || !event.relatedTarget) document.body.classList.remove("dropping"); });
  document.addEventListener("drop", (event) => { event.preventDefault(); attempt(() => take(event.dataTransfer.files)); });
  byId("filter").addEventListener("input", showScores);
  byId("order").addEventListener("change", showScores);
  byId("output").addEventListener("change", (event) => attempt(() => {
    state.output = Number(event.target.value);
    state.model.choose(state.output);
    if (state.sequences) { showScores(); rescore(0); }
  }));
  byId("letters").addEventListener("input", () => rescore());
  byId("back").addEventListener("click", () => select(state.record));
  byId("compute-effects").addEventListener("click", () => attempt(() => explain(typed(), true)));
  byId("effects").addEventListener("click", (event) => { if (event.target.dataset.place) substitute(Number(event.target.dataset.place), event.target.dataset.letter); });
  byId("save-scores").addEventListener("click", saveScores);
  byId("save-contributions").addEventListener("click", saveContributions);
}

const ckn = wasm_bindgen;
attempt(async () => {
  byId("status").textContent = "Starting …";
  const packed = new Blob([bytesOf("/* ckn_web_bg.wasm.gz */")]).stream().pipeThrough(new DecompressionStream("gzip"));
  await ckn({ module_or_path: await new Response(packed).arrayBuffer() });
  byId("version").textContent = ckn.version();
  byId("status").textContent = "Ready: give a model, or try the example.";
  listen();
  document.body.dataset.taken = 0;
  document.body.dataset.ready = "";
});
