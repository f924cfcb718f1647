/** The verdict as a judge could read it: what, when, at whose request, unchanged, proven by what. */
import { describeImprint, type ImprintAccount } from '@jingwei/keyless';
import { h, plain } from './dom.ts';
import type { Judgement, Said } from './judge.ts';
import { originText, timeText } from './steps.ts';
import type { Language, Word } from './words.ts';

type Words = Record<Word, string>;

/** What the verdict tells beside the judgement. */
export interface Around {
  language: Language;
  /** Name and size of the document, where one was chosen. */
  document?: { name: string; size: number };
  /** Its imprint. */
  imprint?: Uint8Array;
  /** Service that handed the page out. */
  service?: string;
  confirmPrinted(confirmed: boolean): void;
  confirmEditor(mark: string | undefined): void;
  printedConfirmed: boolean;
  editorConfirmed: string | undefined;
}

const marks = { proven: '✓', refuted: '✕', broken: '✕', open: '!', waiting: '…' };

function titleOf({ outcome, compared, said }: Judgement, around: Around, w: Words): string {
  switch (outcome) {
    case 'proven':
      return compared ? w.provenTitle : w.provenSignature;
    case 'open':
      return compared ? w.openTitle : w.openSignature;
    case 'refuted':
      return said?.code === 'PUB-04' ? w.refutedPrinted : w.refutedTitle;
    case 'broken':
      return w.brokenTitle;
    case 'waiting':
      return around.document ? w.waitSignature : w.waitTitle;
  }
}

const sayOf = (said: Said, { language }: Around, w: Words): HTMLElement =>
  h(
    'p',
    { class: 'said' },
    said[language],
    said.code ? h('small', {}, ` ${w.code} `, h('code', {}, said.code)) : undefined,
  );

const proofs: Record<NonNullable<Judgement['basis']>, Word> = {
  printed: 'byPrinted',
  publication: 'byPublication',
  key: 'byKey',
};
const needs: Record<NonNullable<Judgement['missing']>, Word> = {
  printed: 'needPrinted',
  publications: 'needPublications',
  extending: 'needExtending',
  anchor: 'needAnchor',
  confirm: 'needConfirm',
  other: 'needOther',
};

/** A statement that a person confirms. */
function tick(id: string, text: string, checked: boolean, change: (checked: boolean) => void): HTMLElement {
  const box = h('input', {
    type: 'checkbox',
    id,
    onchange: (event) => change((event.target as HTMLInputElement).checked),
  });
  box.checked = checked;
  return h('label', { class: 'tick', for: id }, box, h('span', {}, text));
}

function proofOf(judgement: Judgement, around: Around, w: Words): (Node | undefined)[] {
  const { basis, missing, account } = judgement;
  const anchor = account?.anchor;
  const refuted = judgement.outcome === 'refuted';
  const printed = anchor?.kind === 'publication' && !refuted ? anchor : undefined;
  const basisOrNeed = basis ? w[proofs[basis]] : missing ? w[needs[missing]] : w.nothingYet;
  const byHand =
    printed && (missing === 'printed' || missing === 'confirm' || (basis === 'printed' && around.printedConfirmed));
  return [
    h('p', {}, basisOrNeed),
    printed ? h('p', { class: 'printed' }, h('code', {}, printed.printed)) : undefined,
    printed
      ? h('p', { class: 'hint' }, timeText(printed.time, w), ...printed.references.map((text) => ` · ${plain(text)}`))
      : undefined,
    byHand ? tick('confirm-printed', w.confirmPrinted, around.printedConfirmed, around.confirmPrinted) : undefined,
  ];
}

function editorCard(judgement: Judgement, around: Around, w: Words): HTMLElement | undefined {
  const { editor } = judgement;
  if (!editor) return undefined;
  const { mark } = editor;
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'editor-title' },
    h('h2', { id: 'editor-title' }, w.editor),
    h(
      'dl',
      {},
      h('dt', {}, w.editor),
      h('dd', {}, plain(editor.signer)),
      h('dt', {}, w.rootPrint),
      h('dd', {}, h('code', {}, editor.rootPrint.match(/.{4}/g)!.join(' '))),
      h('dt', {}, w.created),
      h(
        'dd',
        {},
        new Date(Number(editor.created) * 1000).toISOString().slice(0, 10),
        ` · ${w.count} ${editor.publications}`,
      ),
    ),
    editor.given === 'page'
      ? h('p', { class: 'hint' }, w.withPage, around.service ? ` · ${plain(around.service)}` : undefined)
      : tick('confirm-editor', w.confirmEditor, around.editorConfirmed === mark, (yes) =>
          around.confirmEditor(yes ? mark : undefined),
        ),
  );
}

/** Name of an algorithm as people write it. */
const algorithmText = (name: string): string => name.toUpperCase().replace(/^(SHA|RIPEMD)(?=\d)/, '$1-');

const print = (label: string, imprint: ImprintAccount) =>
  h('p', {}, `${label} ${algorithmText(imprint.algorithm)} `, h('code', {}, imprint.hex));

/** The document and its fingerprint; both fingerprints where they differ. */
function whatOf({ account, compared }: Judgement, { document, imprint }: Around, w: Words): (Node | undefined)[] {
  const own = imprint && describeImprint(imprint);
  return [
    document ? h('p', {}, `${plain(document.name)} · ${document.size.toLocaleString('en-US')} ${w.bytes}`) : undefined,
    own && compared !== true ? print(w.ownPrint, own) : undefined,
    account ? print(compared === true ? w.fingerprint : w.signedPrint, account.document) : undefined,
  ];
}

/** The verdict and who signed the publications file. */
export function verdictOf(judgement: Judgement, around: Around, w: Words): HTMLElement[] {
  const { outcome, account, compared, said } = judgement;
  const line = (name: string, ...value: (Node | string | undefined)[]) => [h('dt', {}, name), h('dd', {}, value)];
  const { document } = around;
  const card = h(
    'section',
    {
      class: `card verdict ${outcome}`,
      'aria-labelledby': 'verdict-title',
      'data-outcome': outcome,
      'data-code': said?.code ?? '',
    },
    h(
      'h2',
      { id: 'verdict-title' },
      h('span', { class: 'mark', 'aria-hidden': 'true' }, marks[outcome]),
      titleOf(judgement, around, w),
    ),
    outcome === 'waiting' ? h('p', { class: 'hint' }, w.waitText) : undefined,
    outcome === 'waiting' && document ? h('div', {}, ...whatOf(judgement, around, w)) : undefined,
    said ? sayOf(said, around, w) : undefined,
    account
      ? h(
          'dl',
          { class: 'statement' },
          line(w.what, ...whatOf(judgement, around, w)),
          line(
            w.when,
            timeText(account.signingTime, w),
            account.signingTime.utc ? h('small', {}, ` ${account.signingTime.utc}`) : undefined,
          ),
          line(
            w.who,
            ...(account.origin.length > 0 ? account.origin.map((one) => h('p', {}, originText(one, w))) : [w.nobody]),
          ),
          line(w.unchanged, compared === undefined ? w.notCompared : compared ? w.same : w.different),
          line(w.proof, ...proofOf(judgement, around, w)),
        )
      : undefined,
  );
  return [card, editorCard(judgement, around, w)].filter((part) => part !== undefined);
}
