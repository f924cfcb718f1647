/** What the pages of open data share. */
import type { Answer } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { useSpeech } from '../../i18n/index.ts';

export type OpenSummary = Answer<'/open/api/v1/datasets'>['items'][number];
export type OpenDetail = Answer<'/open/api/v1/datasets/{id}'>;
export type OpenField = OpenDetail['fields'][number];
export type DeskDataset = Answer<'/api/v1/open/datasets/{id}'>;
export type DeskFinding = NonNullable<DeskDataset['check']>['findings'][number];
export type State = DeskDataset['state'];

const tones: Record<State, 'good' | 'warn' | 'bad' | 'info' | undefined> = {
  ...{ draft: undefined, submitted: 'info', agreed: 'info', opening: 'info', open: 'good' },
  ...{ returned: 'warn', suspended: 'bad', withdrawn: undefined },
};

/** The state of a proposal or dataset. */
export function StateLabel({ state }: { state: State }) {
  const { t } = useSpeech();
  return <Label tone={tones[state]}>{t(`opendata.state.${state}`)}</Label>;
}

/** A value of a row as it is read: nothing for none. */
export const cell = (value: unknown): string => (value === null || value === undefined ? '' : String(value));

/** Stars in words and figures; the figure says it for everybody. */
export function Stars({ value, count }: { value: number | null; count: number }) {
  const { t } = useSpeech();
  if (value === null) return <span className="quiet small">{t('opendata.unrated')}</span>;
  return (
    <span className="num" title={t('opendata.rated', { stars: value, n: count })}>
      <span aria-hidden="true">★</span> {value.toFixed(1)}
      <span className="quiet small"> ({count})</span>
    </span>
  );
}

/** A random number that this browser keeps, so that one visitor has one voice; it says nothing of who they are. */
export function visitorToken(): string {
  const key = 'jingwei.visitor';
  const known = localStorage.getItem(key);
  if (known) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  const made = btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_');
  localStorage.setItem(key, made);
  return made;
}
