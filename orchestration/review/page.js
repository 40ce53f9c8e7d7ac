"use strict";
const sheets = JSON.parse(document.getElementById("data").textContent);
const place = "cx-score-review:" + sheets.map(s => s.transcript_hash.slice(0, 6)).join("");
const kept = JSON.parse(localStorage.getItem(place) || '{"reviewer": "", "answers": {}}');
const QUESTIONS = [
  ["score", "The whole experience", [["1", 1], ["2", 2], ["3", 3], ["4", 4], ["5", 5]]],
  ["resolution", "Was it resolved?", [["resolved", "resolved"], ["partly", "partly_resolved"], ["no", "unresolved"]]],
  ["customer_effort", "Effort for the customer", [["low", "low"], ["moderate", "moderate"], ["high", "high"]]],
];
const WHY = {
  random_control: "Drawn by chance. Read it without the score.", evidence_rejected: "A quote was not found in it.",
  sides_differ: "The judge's own rating is on the other side.", low_confidence: "The scorer is not sure.",
  shadow_differs: "Another scorer finds otherwise.", csat_differs: "The customer rated otherwise.", asked: "Asked for.",
};

function made(tag, text, attributes) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  Object.assign(element, attributes || {});
  return element;
}

function answersOf(number) { return kept.answers[number] = kept.answers[number] || { claims: {} }; }

function isDone(number) { return answersOf(number).score !== undefined; }

function keep() {
  localStorage.setItem(place, JSON.stringify(kept));
  const done = sheets.filter((_, number) => isDone(number)).length;
  document.getElementById("bar").value = done;
  document.getElementById("count").textContent = `${done} of ${sheets.length} scored`;
  sheets.forEach((_, number) => document.getElementById("sheet" + number).classList.toggle("done", isDone(number)));
}

function choice(name, legend, options, chosen, choose) {
  const field = made("fieldset");
  field.append(made("legend", legend));
  for (const [label, value] of options) {
    const holder = made("label");
    const radio = made("input", undefined, { type: "radio", name, checked: chosen === value });
    radio.addEventListener("change", () => { choose(value); keep(); });
    holder.append(radio, " " + label);
    field.append(holder);
  }
  return field;
}

function turn(said, quotes) {
  const block = made("div", undefined, { className: "turn " + said.author_type });
  block.append(made("b", said.author_type.replace("_", " ")));
  const quote = quotes.filter(q => said.text.includes(q)).sort((a, b) => b.length - a.length)[0];
  if (quote === undefined) { block.append(said.text); return block; }
  const at = said.text.indexOf(quote);
  block.append(said.text.slice(0, at), made("mark", quote), said.text.slice(at + quote.length));
  return block;
}

function section(sheet, number) {
  const block = made("section", undefined, { id: "sheet" + number });
  block.append(made("h2", `${number + 1}. ${sheet.conversation_id}`));
  const facts = [sheet.workspace_id, sheet.channel, sheet.language].filter(Boolean).join(", ");
  const reasons = (sheet.reasons.length ? sheet.reasons : [sheet.drawn_by]).map(r => WHY[r]).join(" ");
  block.append(made("p", `${facts}. ${reasons}`, { className: "why" }));
  const quotes = sheet.claims.map(claim => claim.quote);
  sheet.turns.forEach(said => block.append(turn(said, quotes)));
  if (sheet.saw_score) {
    const machine = made("div", undefined, { className: "machine" });
    machine.append(made("p", `The scorer gave ${sheet.shown_score}. ${sheet.summary} ${sheet.grounds}`));
    sheet.claims.forEach((claim, index) => {
      const line = made("div", undefined, { className: "claim" });
      line.append(`${claim.dimension.replaceAll("_", " ")}: ${claim.value} `, made("q", claim.quote));
      const said = answersOf(number).claims;
      const options = [["yes", true], ["no", false]];
      line.append(choice(`claim${number}-${index}`, "Does the quote say so?", options, said[index],
        value => { said[index] = value; }));
      machine.append(line);
    });
    block.append(machine);
  }
  for (const [question, legend, options] of QUESTIONS) {
    block.append(choice(question + number, legend, options, answersOf(number)[question],
      value => { answersOf(number)[question] = value; }));
  }
  const comment = made("textarea", undefined, {
    rows: 2, placeholder: "Anything to add?", value: answersOf(number).comment || "", ariaLabel: "Comment",
  });
  comment.addEventListener("input", () => { answersOf(number).comment = comment.value; keep(); });
  block.append(comment);
  return block;
}

function saved() {
  return sheets.map((sheet, number) => {
    const { claims, ...answers } = answersOf(number);
    const checked = sheet.claims.map((claim, index) => ({ ...claim, is_supported: claims[index] ?? null }));
    const { turns, summary, grounds, ...rest } = sheet;
    return JSON.stringify({ ...rest, ...answers, claims: checked, reviewer: kept.reviewer });
  }).join("\n") + "\n";
}

function save() {
  if (!kept.reviewer.trim()) { document.getElementById("reviewer").focus(); return; }
  const link = made("a", undefined, {
    href: URL.createObjectURL(new Blob([saved()], { type: "application/x-ndjson" })),
    download: `review-${kept.reviewer.trim().replace(/[^\p{L}\p{N}]+/gu, "-")}.jsonl`,
  });
  link.click();
}

const bar = made("header");
const who = made("input", undefined, { type: "text", id: "reviewer", placeholder: "Your name", value: kept.reviewer });
who.addEventListener("input", () => { kept.reviewer = who.value; keep(); });
const button = made("button", "Save answers");
button.addEventListener("click", save);
bar.append(who, made("progress", undefined, { id: "bar", max: sheets.length }), made("span", "", { id: "count" }), button);
document.getElementById("sheets").append(bar, ...sheets.map(section));
keep();
