/** Search over the catalogue by the meaning of words, with facets. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { api, urlOf } from '../../api/client.ts';
import { Filters, TextFilter } from '../../components/filters.tsx';
import { Label, Page } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { Pager } from '../../components/table.tsx';
import { day, full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { type EntryLine, WorkingLabel } from './entry-parts.tsx';
import { LevelLabel, SharingLabel } from './resources.tsx';

const limit = 20;
const facets = ['provider', 'classification', 'sharing', 'level', 'cycle', 'format', 'open', 'state'] as const;
/** Values of a facet that are shown at first. */
const FIRST = 6;

export default function Entries() {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const url = useUrlState();
  const offset = url.number('offset', 0);
  const chosen = (name: string) => (url.get(name) ? url.get(name).split('~') : []);
  const query = {
    q: url.get('q'),
    ...Object.fromEntries(facets.map((f) => [f, chosen(f)])),
    sort: url.get('sort') || 'relevance',
    offset,
    limit,
  };
  const found = useQuery({
    queryKey: ['catalogue', 'entries', query],
    queryFn: ({ signal }) => api.get('/api/v1/catalogue/entries', { query, signal }),
    placeholderData: keepPreviousData,
  });
  const toggle = (name: string, value: string) => {
    const own = chosen(name);
    const next = own.includes(value) ? own.filter((v) => v !== value) : [...own, value];
    url.set({ [name]: next.join('~') || undefined, offset: undefined });
  };
  return (
    <Page
      title={t('titles.entries')}
      lead={t('entries.lead')}
      actions={
        <>
          {may('catalogue.draft') || may('catalogue.review') ? (
            <Link to="/catalogue/new">
              <Button type="primary">{t('entries.new')}</Button>
            </Link>
          ) : null}
          <Button href={urlOf('/api/v1/catalogue/export', {}, { q: query.q, provider: chosen('provider') })}>
            {t('entries.export')}
          </Button>
        </>
      }
    >
      <Filters keys={['q', 'sort', ...facets]}>
        <TextFilter name="q" label={t('common.search')} hint={t('entries.search-hint')} width={280} />
        <div className="filter" style={{ minWidth: 140 }}>
          <label htmlFor="entries-sort">{t('entries.sort.label')}</label>
          <Select
            id="entries-sort"
            aria-label={t('entries.sort.label')}
            value={query.sort}
            onChange={(sort: string) => url.set({ sort, offset: undefined })}
            options={['relevance', 'code', 'published'].map((value) => ({ value, label: t(`entries.sort.${value}`) }))}
          />
        </div>
      </Filters>
      <Loaded query={found}>
        {(data) => (
          <div className="aside-left">
            <aside className="stack-s entry-facets" aria-label={t('entries.facets')}>
              {facets.map((name) => (
                <Facet
                  key={name}
                  title={t(`entries.facet.${name}`)}
                  values={data.facets[name]}
                  chosen={chosen(name)}
                  onToggle={(value) => toggle(name, value)}
                />
              ))}
            </aside>
            <div className="stack-s">
              <p className="small quiet" role="status">
                {t('entries.found', { n: full(data.total) })}
                {data.understood.length
                  ? ` · ${t('entries.understood')} ${data.understood.map((u) => `${u.word} → ${u.meaning}`).join('；')}`
                  : ''}
                {data.relaxed ? ` · ${t('entries.relaxed')}` : ''}
              </p>
              {data.items.length === 0 ? (
                <div className="panel">
                  <Empty title={t('entries.empty')}>{t('entries.empty-text')}</Empty>
                </div>
              ) : (
                <ul className="plain stack-s">
                  {data.items.map((entry) => (
                    <EntryCard key={entry.id} entry={entry} say={say} />
                  ))}
                </ul>
              )}
              <Pager
                offset={offset}
                limit={limit}
                total={data.total}
                onOffset={(next) => url.set({ offset: next || undefined })}
              />
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function EntryCard({ entry, say }: { entry: EntryLine; say: (text: { zh: string; en: string }) => string }) {
  const { t } = useSpeech();
  return (
    <li className="panel entry-card">
      <div className="row spread">
        <h2 className="entry-name">
          <Link to="/catalogue/entries/$entry" params={{ entry: entry.id } as never}>
            {say(entry.title)}
          </Link>
        </h2>
        <span className="row" style={{ gap: 6 }}>
          {entry.state === 'retired' ? <Label tone="bad">{t('entries.state.retired')}</Label> : null}
          {entry.working ? <WorkingLabel working={entry.working} /> : null}
          {entry.sharing ? <SharingLabel type={entry.sharing} /> : null}
          {entry.level ? <LevelLabel level={entry.level} /> : null}
          {entry.open ? <Label tone="good">{t('catalogue.open')}</Label> : null}
        </span>
      </div>
      <p>{say(entry.abstract)}</p>
      <p className="small quiet row" style={{ gap: '2px 14px' }}>
        <span>{say(entry.provider.name)}</span>
        <span className="mono">{entry.code}</span>
        {entry.cycle ? <span>{t(`terms.cadence.${entry.cycle}`)}</span> : null}
        {entry.format ? <span>{entry.format}</span> : null}
        <span>{t('catalogue.items-n', { n: entry.items })}</span>
        {entry.found.length ? (
          <span>
            {t('entries.found-in')} {entry.found.join('、')}
          </span>
        ) : null}
        {entry.publishedAt ? (
          <span>{t('entries.published-on', { day: day(entry.publishedAt), n: entry.version })}</span>
        ) : null}
        {entry.source ? null : <span>{t('entries.not-collected')}</span>}
      </p>
    </li>
  );
}

function Facet(props: {
  title: string;
  values: readonly { value: string; title: { zh: string; en: string }; count: number }[];
  chosen: readonly string[];
  onToggle: (value: string) => void;
}) {
  const { t, say } = useSpeech();
  const [all, setAll] = useState(false);
  // A facet with one value and nothing chosen tells nothing.
  if (props.values.length < 2 && props.chosen.length === 0) return null;
  const shown = all ? props.values : props.values.slice(0, FIRST);
  return (
    <fieldset className="entry-facet">
      <legend>{props.title}</legend>
      {shown.map((v) => (
        <label key={v.value} className="entry-facet-value">
          <input type="checkbox" checked={props.chosen.includes(v.value)} onChange={() => props.onToggle(v.value)} />
          <span className="grow">{say(v.title)}</span>
          <span className="num quiet">{full(v.count)}</span>
        </label>
      ))}
      {props.values.length > FIRST ? (
        <button type="button" className="link-button small" onClick={() => setAll(!all)}>
          {all ? t('entries.fewer') : t('entries.more', { n: props.values.length - FIRST })}
        </button>
      ) : null}
    </fieldset>
  );
}
