/** What the pages of linkage share: a pair side by side, differences marked; the waterfall of its weight; words of levels. */
import { Fragment } from 'react';
import type { Answer } from '../../api/client.ts';
import { percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Cell } from '../credit/cell.tsx';
import { differing } from './differing.ts';

export type Side = Answer<'/api/v1/linkage/{library}/next'>['pairs'][number]['columns'][number];
export type BarOf = Answer<'/api/v1/linkage/{library}/disagreements'>['items'][number]['bars'][number];

/** A value with the characters marked that the other has not. Masked values are shown as they are. */
function Diff({ cell, other }: { cell: Side['left']; other: Side['left'] }) {
  const plain = (c: Side['left']) => c.shown === 'plain' && c.value !== null;
  if (!plain(cell) || !plain(other) || cell.value === other.value) return <Cell cell={cell} />;
  const marks = differing(cell.value!, other.value!);
  return (
    <span>
      {[...cell.value!].map((character, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a character's place is what it is.
        <Fragment key={i}>{marks[i] ? <mark>{character}</mark> : character}</Fragment>
      ))}
    </span>
  );
}

/** Two records side by side. */
export function Sides({ columns, left, right }: { columns: readonly Side[]; left: string; right: string }) {
  const { t, say } = useSpeech();
  return (
    <table className="linkage-sides">
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">{t('linkage.column')}</span>
          </th>
          <th scope="col">{left}</th>
          <th scope="col">{right}</th>
          <th scope="col">
            <span className="visually-hidden">{t('linkage.agreement')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {columns.map((c) => (
          <tr key={c.column}>
            <th scope="row">{say(c.title)}</th>
            <td>
              <Diff cell={c.left} other={c.right} />
            </td>
            <td>
              <Diff cell={c.right} other={c.left} />
            </td>
            <td className={c.same === null ? 'quiet' : c.same ? 'good-text' : 'warn-text'}>
              {c.same === null ? t('linkage.one-missing') : c.same ? t('linkage.equal') : t('linkage.differs')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Says a level of a comparison in words. */
export function useLevels(): (level: string) => string {
  const { t } = useSpeech();
  return (level) => {
    const exact = /^exact, (.+) records$/.exec(level);
    if (exact) return t('linkage.level.exact-of', { n: exact[1]!.replace(/^(\d+)–\1$/, '$1') });
    const both = /^both (.+)$/.exec(level);
    if (both) return t('linkage.level.both', { v: both[1] });
    const pair = /^(.+) \/ (.+)$/.exec(level);
    if (pair) return `${pair[1]} / ${pair[2]}`;
    const measure = /^(\w+) ([≤≥]) (.+)$/.exec(level);
    if (measure) return t(`linkage.level.${measure[1]}`, { n: measure[3], defaultValue: level });
    return t(`linkage.level.${level || 'prior'}`, { defaultValue: level });
  };
}

/** The waterfall of a weight: a bar for each comparison from where the one before ended. */
export function Waterfall({ bars }: { bars: readonly BarOf[] }) {
  const { t, say } = useSpeech();
  const level = useLevels();
  const ends = bars.flatMap((b) => [b.total, b.total - b.bits]);
  const low = Math.min(0, ...ends);
  const high = Math.max(0, ...ends);
  const span = high - low || 1;
  const at = (x: number) => `${(100 * (x - low)) / span}%`;
  const name = (b: BarOf) =>
    b.title ? say(b.title) : b.name === 'prior' ? t('linkage.prior') : t('linkage.together', { names: b.name });
  return (
    <div>
      <ol className="waterfall">
        {bars.map((b) => (
          <li key={b.name}>
            <span className="waterfall-name">
              {name(b)} <span className="small quiet">{b.name === 'prior' ? '' : level(b.level)}</span>
            </span>
            <span className="waterfall-track" aria-hidden="true">
              <i className="waterfall-zero" style={{ insetInlineStart: at(0) }} />
              <i
                className={b.bits >= 0 ? 'waterfall-bar good' : 'waterfall-bar bad'}
                style={{
                  insetInlineStart: at(Math.min(b.total, b.total - b.bits)),
                  inlineSize: `${(100 * Math.abs(b.bits)) / span}%`,
                }}
              />
            </span>
            <span className="num">{signed(b.bits)}</span>
          </li>
        ))}
      </ol>
      <p className="small quiet">{t('linkage.waterfall-note')}</p>
    </div>
  );
}

/** Bits with their sign. */
export const signed = (bits: number): string => `${bits >= 0 ? '+' : '−'}${Math.abs(bits).toFixed(1)}`;

/** Says a blocking key in words; `titles` of its columns. */
export function useRules(): (rule: string, titles: ReadonlyMap<string, { zh: string; en: string }>) => string {
  const { t, say } = useSpeech();
  return (rule, titles) =>
    rule
      .split(' + ')
      .map((part) => {
        const [column, of] = part.split('.') as [string, string | undefined];
        const title = titles.get(column);
        const name = title ? say(title) : column;
        if (of === undefined) return name;
        const figure = /^(start|end)(\d)$/.exec(of);
        return `${name} ${figure ? t(`linkage.part.${figure[1]}`, { n: figure[2] }) : t(`linkage.part.${of}`)}`;
      })
      .join(' + ');
}

/** A share as people read it; very small ones as powers of ten. */
export function small(share: number): string {
  if (share === 0) return '0';
  if (share < 0.0001) {
    const [figure, power] = share.toExponential(1).split('e-') as [string, string];
    return `${figure}×10⁻${[...power].map((d) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(d)]).join('')}`;
  }
  return percent(share, share < 0.01 || share > 0.99 ? 3 : 1);
}
