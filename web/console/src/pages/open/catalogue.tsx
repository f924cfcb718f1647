/** The public catalogue of open data: search by meaning, facets, what is new; no account. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Input, Select } from 'antd';
import { useEffect, useState } from 'react';
import { api } from '../../api/client.ts';
import { Figure, Figures } from '../../components/figure.tsx';
import { Label, Page } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { Pager } from '../../components/table.tsx';
import { day, full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import type { OpenSummary } from './shared.tsx';

const limit = 20;
const facets = ['theme', 'provider', 'cycle', 'format'] as const;

export default function OpenCatalogue() {
  const { t } = useSpeech();
  const url = useUrlState();
  const offset = url.number('offset', 0);
  const [words, setWords] = useState(url.get('q'));
  const asked = url.get('q');
  useEffect(() => setWords(asked), [asked]);
  const chosen = (name: string) => (url.get(name) ? url.get(name).split('~') : []);
  const query = {
    ...{ q: asked, sort: url.get('sort') || 'relevance', offset, limit },
    ...Object.fromEntries(facets.map((f) => [f, chosen(f)])),
  };
  const about = useQuery({
    queryKey: ['open', 'about'],
    queryFn: ({ signal }) => api.get('/open/api/v1/about', { signal }),
  });
  const found = useQuery({
    queryKey: ['open', 'datasets', query],
    queryFn: ({ signal }) => api.get('/open/api/v1/datasets', { query, signal }),
    placeholderData: keepPreviousData,
  });
  const toggle = (name: string, value: string) => {
    const own = chosen(name);
    const next = own.includes(value) ? own.filter((v) => v !== value) : [...own, value];
    url.set({ [name]: next.join('~') || undefined, offset: undefined });
  };
  return (
    <Page title={t('titles.open')} lead={t('opendata.lead')}>
      <div className="stack">
        <search className="open-search">
          <Input.Search
            size="large"
            aria-label={t('opendata.search')}
            placeholder={t('opendata.search-hint')}
            value={words}
            maxLength={100}
            allowClear
            enterButton={t('common.search')}
            onChange={(event) => setWords(event.target.value)}
            onSearch={(q) => url.set({ q: q.trim() || undefined, offset: undefined })}
          />
        </search>
        {about.data ? (
          <Figures>
            <Figure label={t('opendata.datasets')}>{full(about.data.datasets)}</Figure>
            <Figure label={t('opendata.rows')}>{full(about.data.rows)}</Figure>
            <Figure label={t('opendata.downloads')}>{full(about.data.downloads)}</Figure>
          </Figures>
        ) : null}
        <Loaded query={found}>
          {(data) => (
            <div className="aside-left">
              <aside className="stack-s entry-facets" aria-label={t('opendata.facets')}>
                {facets.map((name) => (
                  <Facet
                    key={name}
                    name={name}
                    values={data.facets[name]}
                    chosen={chosen(name)}
                    onToggle={(value) => toggle(name, value)}
                  />
                ))}
                <p className="small">
                  <a href="/open/api/v1/feed.atom">{t('opendata.feed-all')}</a>
                </p>
              </aside>
              <div className="stack-s">
                <div className="row spread">
                  <p className="small quiet" role="status">
                    {t('opendata.found', { n: full(data.total) })}
                    {data.understood.length
                      ? ` · ${t('entries.understood')} ${data.understood.map((u) => `${u.word} → ${u.meaning}`).join('；')}`
                      : ''}
                  </p>
                  <Select
                    aria-label={t('opendata.sort.label')}
                    size="small"
                    value={query.sort}
                    style={{ minWidth: 130 }}
                    onChange={(sort: string) => url.set({ sort, offset: undefined })}
                    options={['relevance', 'updated', 'title'].map((value) => ({
                      value,
                      label: t(`opendata.sort.${value}`),
                    }))}
                  />
                </div>
                {data.items.length === 0 ? (
                  <div className="panel">
                    <Empty
                      title={t('opendata.none')}
                      action={
                        <Link to="/open/requests">
                          <Button>{t('opendata.ask')}</Button>
                        </Link>
                      }
                    >
                      {t('opendata.none-text')}
                    </Empty>
                  </div>
                ) : (
                  <ul className="plain stack-s">
                    {data.items.map((d) => (
                      <Card key={d.id} d={d} />
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
      </div>
    </Page>
  );
}

function Card({ d }: { d: OpenSummary }) {
  const { t, say } = useSpeech();
  return (
    <li className="panel entry-card">
      <div className="row spread">
        <h2 className="entry-name">
          <Link to="/open/$dataset" params={{ dataset: d.id } as never}>
            {say(d.title)}
          </Link>
        </h2>
        <span className="row" style={{ gap: 6 }}>
          {d.kind === 'counts' ? <Label tone="info">{t('opendata.counts')}</Label> : null}
          {d.formats.map((f) => (
            <Label key={f}>{f.toUpperCase()}</Label>
          ))}
        </span>
      </div>
      <p>{say(d.abstract)}</p>
      <p className="small quiet row" style={{ gap: '2px 14px' }}>
        <span>{say(d.provider.name)}</span>
        <span>{say(d.theme.title)}</span>
        <span>{t(`opendata.cycle.${d.cycle}`)}</span>
        <span>{t('opendata.size', { rows: full(d.rows), items: d.items })}</span>
        <span>{t('opendata.updated', { day: day(d.updated) })}</span>
      </p>
    </li>
  );
}

function Facet(props: {
  name: (typeof facets)[number];
  values: readonly { value: string; title: { zh: string; en: string }; count: number }[];
  chosen: readonly string[];
  onToggle: (value: string) => void;
}) {
  const { t, say } = useSpeech();
  if (props.values.length < 2 && props.chosen.length === 0) return null;
  const title = (v: (typeof props.values)[number]) =>
    props.name === 'cycle'
      ? t(`opendata.cycle.${v.value}`)
      : props.name === 'format'
        ? v.value.toUpperCase()
        : say(v.title);
  return (
    <fieldset className="entry-facet">
      <legend>{t(`opendata.facet.${props.name}`)}</legend>
      {props.values.slice(0, 12).map((v) => (
        <label key={v.value} className="entry-facet-value">
          <input type="checkbox" checked={props.chosen.includes(v.value)} onChange={() => props.onToggle(v.value)} />
          <span className="grow">{title(v)}</span>
          <span className="num quiet">{full(v.count)}</span>
        </label>
      ))}
    </fieldset>
  );
}
