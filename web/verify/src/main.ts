/** The page: what was chosen, what is believed, the verdict, and the steps. */
import { readSignature, signedHash } from '@jingwei/keyless';
import { h, plain } from './dom.ts';
import { type Fingerprint, fingerprint, Stopped } from './fingerprint.ts';
import { type Anchors, type Judgement, judge } from './judge.ts';
import { stepsOf } from './steps.ts';
import { verdictOf } from './verdict.ts';
import { type Language, type Word, wordsOf } from './words.ts';

type Slot = 'document' | 'signature' | 'publications' | 'root';

/** Greatest sizes of what is read as a whole. */
const LIMIT = { signature: 1 << 17, publications: 64 << 20, root: 1 << 20 };
const SHA256 = 1;

const state = {
  language: 'zh' as Language,
  files: {} as Partial<Record<Slot, File>>,
  bytes: {} as Partial<Record<Slot, Uint8Array>>,
  printed: '',
  printedConfirmed: false,
  editorConfirmed: undefined as string | undefined,
  imprint: undefined as Uint8Array | undefined,
  hashing: undefined as { file: File; algorithm: number; done: number; run: Fingerprint } | undefined,
  trouble: undefined as string | undefined,
  judgement: { outcome: 'waiting', compared: undefined } as Judgement,
};

function anchorsOfPage(): Anchors | undefined {
  const text = document.getElementById('anchors')?.textContent ?? 'null';
  return (JSON.parse(text) as Anchors | null) ?? undefined;
}
const anchors = anchorsOfPage();

/** What a file is, by its first bytes: so that files may be dropped together in any order. */
async function slotOf(file: File): Promise<Slot> {
  const head = new Uint8Array(await file.slice(0, 64).arrayBuffer());
  const text = new TextDecoder('latin1').decode(head);
  if (text.startsWith('KSIPUBLF')) return 'publications';
  if (text.includes('-----BEGIN CERTIFICATE')) return 'root';
  // The element 0x800 with a wide header, as every signature begins.
  const signature = (head[0]! & 0x9f) === 0x88 && head[1] === 0 && file.size <= LIMIT.signature;
  return signature ? 'signature' : 'document';
}

/** Number of the algorithm under which the signature holds the document. */
function algorithm(): number {
  try {
    return state.bytes.signature ? signedHash(readSignature(state.bytes.signature))[0]! : SHA256;
  } catch {
    return SHA256;
  }
}

async function put(slot: Slot, file: File | undefined): Promise<void> {
  state.trouble = undefined;
  state.files[slot] = file;
  if (slot === 'document') {
    state.hashing?.run.stop();
    state.hashing = undefined;
    state.imprint = undefined;
  } else {
    if (file && file.size > LIMIT[slot]) state.bytes[slot] = new Uint8Array();
    else state.bytes[slot] = file && new Uint8Array(await file.arrayBuffer());
    if (slot === 'signature') state.printedConfirmed = false;
    if (slot !== 'signature') state.editorConfirmed = undefined;
  }
}

/** Reads what was chosen, computes what is missing, judges, and shows it. */
async function choose(files: readonly [Slot | undefined, File | undefined][]): Promise<void> {
  try {
    for (const [slot, file] of files) await put(slot ?? (await slotOf(file!)), file);
  } catch (error) {
    state.trouble = (error as Error).message;
  }
  const document = state.files.document;
  const wanted = algorithm();
  const { hashing } = state;
  const running = hashing?.file === document && hashing?.algorithm === wanted;
  if (document && state.imprint?.[0] !== wanted && !running) {
    hashing?.run.stop();
    state.imprint = undefined;
    await compute(document, wanted);
    return;
  }
  await update();
}

async function compute(file: File, wanted: number): Promise<void> {
  const hashing = {
    file,
    algorithm: wanted,
    done: 0,
    run: fingerprint(file, wanted, (done) => {
      hashing.done = done;
      const bar = document.querySelector('progress');
      if (bar && state.hashing === hashing) bar.value = file.size > 0 ? done / file.size : 1;
    }),
  };
  state.hashing = hashing;
  // What was said of another document must not stand beside this one while it is read.
  await update();
  try {
    const imprint = await hashing.run.imprint;
    if (state.hashing !== hashing) return;
    state.imprint = imprint;
  } catch (error) {
    if (state.hashing !== hashing) return;
    if (!(error instanceof Stopped)) state.trouble = (error as Error).message;
    state.files.document = undefined;
  }
  state.hashing = undefined;
  await update();
}

/** Number of the newest judgement: an older one that ends later is not shown. */
let asked = 0;

async function update(): Promise<void> {
  const { bytes, imprint, printed, printedConfirmed, editorConfirmed } = state;
  const mine = ++asked;
  const judgement = await judge({
    signature: bytes.signature,
    imprint: imprint?.[0] === algorithm() ? imprint : undefined,
    publications: bytes.publications,
    root: bytes.root,
    printed,
    anchors,
    printedConfirmed,
    editorConfirmed,
  });
  if (mine !== asked) return;
  state.judgement = judgement;
  render();
}

function slotCard(slot: Slot, w: Record<Word, string>): HTMLElement {
  const file = state.files[slot];
  const input = h('input', {
    type: 'file',
    id: `file-${slot}`,
    class: 'hidden-input',
    'aria-label': w[slot],
    onchange: (event) => {
      const chosen = (event.target as HTMLInputElement).files?.[0];
      if (chosen) void choose([[slot, chosen]]);
    },
  });
  return h(
    'div',
    { class: file ? 'slot filled' : 'slot' },
    h('h3', {}, w[slot]),
    h('p', { class: 'hint' }, w[`${slot}Hint`]),
    h(
      'p',
      { class: 'name' },
      file ? `${plain(file.name)} · ${file.size.toLocaleString('en-US')} ${w.bytes}` : w.nothing,
    ),
    h(
      'div',
      { class: 'actions' },
      input,
      h('label', { class: 'button', for: `file-${slot}` }, file ? w.change : w.choose),
      file && h('button', { type: 'button', onclick: () => void choose([[slot, undefined]]) }, w.remove),
    ),
  );
}

function hashingCard(w: Record<Word, string>): HTMLElement | undefined {
  const { hashing, files } = state;
  if (!hashing || !files.document) return undefined;
  const bar = h('progress', { max: '1', 'aria-label': w.hashing });
  bar.value = files.document.size > 0 ? hashing.done / files.document.size : 1;
  return h(
    'div',
    { class: 'hashing', role: 'status' },
    h('span', {}, `${w.hashing} …`),
    bar,
    h('button', { type: 'button', onclick: () => hashing.run.stop() }, w.cancel),
  );
}

/** Shows everything again; what has the focus keeps it. */
function render(): void {
  const w = wordsOf(state.language);
  const { judgement } = state;
  document.documentElement.lang = state.language === 'zh' ? 'zh-CN' : 'en';
  document.title = w.title;
  const focused = document.activeElement?.id;
  const open = [...document.querySelectorAll('details')].map((one) => one.open);
  const printed = h('input', {
    type: 'text',
    id: 'printed',
    autocomplete: 'off',
    spellcheck: 'false',
    maxlength: '400',
    placeholder: 'AAAAAA-…',
    'aria-describedby': 'printed-hint',
    oninput: (event) => {
      state.printed = (event.target as HTMLInputElement).value;
      void update();
    },
  });
  printed.value = state.printed;
  const wrong = (said: Judgement['said'], text: string) =>
    said &&
    h('p', { class: 'wrong', role: 'alert' }, `${text}${state.language === 'zh' ? '：' : ': '}${said[state.language]}`);
  const page = document.getElementById('page')!;
  const caret = focused === 'printed' ? (document.getElementById('printed') as HTMLInputElement).selectionStart : null;
  page.replaceChildren(
    h(
      'header',
      {},
      h('div', {}, h('h1', {}, w.title), h('p', {}, w.lead)),
      h(
        'button',
        {
          type: 'button',
          id: 'language',
          class: 'language',
          lang: state.language === 'zh' ? 'en' : 'zh-CN',
          onclick: () => {
            state.language = state.language === 'zh' ? 'en' : 'zh';
            render();
          },
        },
        state.language === 'zh' ? 'English' : '中文',
      ),
    ),
    h(
      'section',
      { class: 'card drop' },
      h('p', { class: 'hint' }, w.drop),
      h('div', { class: 'slots' }, slotCard('document', w), slotCard('signature', w)),
      hashingCard(w),
    ),
    ...(state.trouble ? [h('p', { class: 'wrong', role: 'alert' }, `${w.unreadable}: ${plain(state.trouble)}`)] : []),
    h(
      'div',
      { 'aria-live': 'polite', class: 'result' },
      verdictOf(
        judgement,
        {
          language: state.language,
          document: state.files.document,
          imprint: state.imprint,
          printedConfirmed: state.printedConfirmed,
          editorConfirmed: state.editorConfirmed,
          confirmPrinted: (yes) => {
            state.printedConfirmed = yes;
            void update();
          },
          confirmEditor: (mark) => {
            state.editorConfirmed = mark;
            void update();
          },
        },
        w,
      ),
    ),
    h(
      'section',
      { class: 'card', 'aria-labelledby': 'trust-title' },
      h('h2', { id: 'trust-title' }, w.trust),
      h('p', { class: 'hint' }, w.trustHint),
      h(
        'div',
        { class: 'field' },
        h('label', { for: 'printed' }, w.printed),
        printed,
        h('p', { class: 'hint', id: 'printed-hint' }, w.printedHint),
        wrong(judgement.printedWrong, w.printedWrong),
      ),
      h('div', { class: 'slots' }, slotCard('publications', w), slotCard('root', w)),
      wrong(judgement.fileRefused, w.fileRefused),
      wrong(judgement.rootWrong, w.rootWrong),
    ),
    ...(judgement.account ? [stepsOf(judgement.account, w, state.language)] : []),
    h('footer', {}, w.foot),
  );
  [...document.querySelectorAll('details')].forEach((one, i) => {
    one.open = open[i] ?? false;
  });
  if (focused) {
    const again = document.getElementById(focused);
    again?.focus({ preventScroll: true });
    if (caret !== null && again instanceof HTMLInputElement) again.setSelectionRange(caret, caret);
  }
}

document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  const files = [...(event.dataTransfer?.files ?? [])];
  if (files.length > 0) void choose(files.slice(0, 8).map((file) => [undefined, file]));
});
render();
