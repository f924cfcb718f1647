/** The chain of a signature, step by step, folded. */
import type {
  ChainAccount,
  ImprintAccount,
  LinkAccount,
  OriginAccount,
  SignatureAccount,
  TimeAccount,
} from '@jingwei/keyless';
import { h, plain } from './dom.ts';
import type { Language, Word } from './words.ts';

type Words = Record<Word, string>;

/** A time for people: Beijing time first, the Unix second beside it. */
export const timeText = (time: TimeAccount, w: Words): string =>
  time.beijing === null ? time.unix : `${time.beijing} ${w.beijing}`;

/** An origin on one line. */
export const originText = (origin: OriginAccount, w: Words): string =>
  [
    plain(origin.clientId) || '""',
    ...(origin.machineId !== undefined ? [`${w.machine} ${plain(origin.machineId)}`] : []),
    ...(origin.sequence !== undefined ? [`${w.sequence} ${origin.sequence}`] : []),
    ...(origin.requestTime ? [`${w.requested} ${origin.requestTime}`] : []),
  ].join(' · ');

const imprintOf = (imprint: ImprintAccount | null) =>
  h('code', {}, imprint ? `${imprint.algorithm}:${imprint.hex}` : '—');

const row = (name: string, ...value: (Node | string)[]) => [h('dt', {}, name), h('dd', {}, ...value)];

function besides(link: LinkAccount, w: Words): Node {
  const { sibling } = link;
  return sibling.kind === 'imprint' ? imprintOf(sibling) : h('span', {}, originText(sibling.origin, w));
}

function chainOf(chain: ChainAccount, n: number, w: Words): HTMLElement {
  const steps = chain.links.map((link) =>
    h(
      'li',
      {},
      h('b', {}, `${w[link.side]} · ${w.level} ${link.level}`),
      h('span', {}, w.beside),
      besides(link, w),
      h('span', {}, w.gives),
      imprintOf(link.result),
    ),
  );
  return h(
    'details',
    {},
    h('summary', {}, `${w.chain} ${n} `, h('small', {}, `${chain.links.length} ${w.step} · ${chain.algorithm}`)),
    h('p', { class: 'hint' }, w.chainHint),
    h('dl', {}, row(w.input, imprintOf(chain.input))),
    h('ol', { class: 'steps' }, steps),
    h('dl', {}, row(w.output, imprintOf(chain.output))),
  );
}

/** All steps of a signature. */
export function stepsOf(account: SignatureAccount, w: Words, language: Language): HTMLElement {
  const { calendar, anchor, rfc3161 } = account;
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'steps-title', lang: language === 'zh' ? 'zh-CN' : 'en' },
    h('h2', { id: 'steps-title' }, w.steps),
    h('p', { class: 'hint' }, w.stepsHint),
    rfc3161 &&
      h(
        'details',
        {},
        h('summary', {}, w.rfc3161),
        h('dl', {}, row(w.when, timeText(rfc3161.time, w)), row(w.input, imprintOf(rfc3161.input))),
      ),
    account.chains.map((chain, i) => chainOf(chain, i + 1, w)),
    calendar
      ? h(
          'details',
          {},
          h('summary', {}, `${w.calendar} `, h('small', {}, `${calendar.links.length} ${w.step}`)),
          h('p', { class: 'hint' }, w.calendarHint),
          h(
            'dl',
            {},
            row(w.shape, calendar.shapeTime ? timeText(calendar.shapeTime, w) : '—'),
            row(w.input, imprintOf(calendar.input)),
          ),
          h(
            'ol',
            { class: 'steps' },
            calendar.links.map((link) =>
              h(
                'li',
                {},
                h('b', {}, w[link.side]),
                h('span', {}, w.beside),
                imprintOf(link.sibling),
                h('span', {}, w.gives),
                imprintOf(link.result),
              ),
            ),
          ),
          h('dl', {}, row(w.output, imprintOf(calendar.root))),
        )
      : undefined,
    h(
      'details',
      {},
      h(
        'summary',
        {},
        `${w.anchor} `,
        h(
          'small',
          {},
          { publication: w.anchorPublication, authentication: w.anchorKey, none: w.anchorNone }[anchor.kind],
        ),
      ),
      anchor.kind === 'none'
        ? undefined
        : h(
            'dl',
            {},
            row(w.when, timeText(anchor.time, w)),
            row(w.output, imprintOf(anchor.hash)),
            ...(anchor.kind === 'publication'
              ? [
                  row(w.printed, h('code', {}, anchor.printed)),
                  ...anchor.references.map((text) => row(w.reference, plain(text))),
                ]
              : [
                  row(w.way, plain(anchor.signatureName ?? anchor.signatureType)),
                  row(w.certificate, h('code', {}, anchor.certificateId)),
                ]),
          ),
    ),
  );
}
