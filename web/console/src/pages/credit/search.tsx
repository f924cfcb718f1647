/** Finding an enterprise by anything that one knows of it. */
import { SearchOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Input, Pagination, Select } from 'antd';
import { useEffect, useState } from 'react';
import { api } from '../../api/client.ts';
import { Label, Page } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { Marked } from '../../components/value.tsx';
import { full, money, withoutCommonStart } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Cell } from './cell.tsx';
import { looksPersonal } from './personal.ts';
import { type SearchAnswer, type SearchHit, statusTone } from './types.ts';

const routes = ['auto', 'name', 'pinyin', 'code', 'person', 'address', 'number'] as const;
const size = 20;
type FacetKey = 'status' | 'town' | 'industry';

export default function Search() {
  const { t } = useSpeech();
  const url = useUrlState();
  const inUrl = url.get('q');
  const [text, setText] = useState(inUrl);
  // A person's number is looked for from here only: it never enters the address.
  const [secret, setSecret] = useState('');
  const { set } = url;
  useEffect(() => {
    if (inUrl) setText(inUrl);
  }, [inUrl]);
  useEffect(() => {
    const wanted = text.trim();
    const timer = setTimeout(() => {
      if (looksPersonal(wanted)) {
        setSecret(wanted);
        if (inUrl) set({ q: undefined, page: undefined }, { replace: true });
      } else {
        setSecret('');
        if (wanted !== inUrl) set({ q: wanted, page: undefined }, { replace: true });
      }
    }, 200);
    return () => clearTimeout(timer);
  }, [text, inUrl, set]);

  const by = (url.get('by') || 'auto') as (typeof routes)[number];
  const q = secret || inUrl;
  const page = url.number('page', 1);
  const query = { q, by, status: url.all('status'), town: url.all('town'), industry: url.all('industry'), page, size };
  const found = useQuery({
    queryKey: ['credit', 'search', query],
    queryFn: ({ signal }) =>
      secret
        ? api.post('/api/v1/credit/search', { body: query, signal })
        : api.get('/api/v1/credit/search', { query, signal }),
    enabled: q.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  return (
    <Page title={t('titles.search')}>
      <div className="stack">
        <search className="search-bar">
          <Input
            size="large"
            prefix={<SearchOutlined aria-hidden="true" />}
            value={text}
            allowClear
            autoFocus
            aria-label={t('frame.find')}
            placeholder={t('credit.search.hint')}
            onChange={(event) => setText(event.target.value)}
          />
          <Select
            size="large"
            value={by}
            aria-label={t('credit.search.by')}
            popupMatchSelectWidth={false}
            options={routes.map((value) => ({ value, label: t(`credit.search.routes-by.${value}`) }))}
            onChange={(value) => url.set({ by: value === 'auto' ? undefined : value, page: undefined })}
          />
        </search>
        {q === '' ? (
          <div className="panel">
            <Empty title={t('credit.search.start')}>{t('credit.search.start-text')}</Empty>
          </div>
        ) : (
          <Loaded query={found}>{(data) => <Results data={data} page={page} busy={found.isPlaceholderData} />}</Loaded>
        )}
      </div>
    </Page>
  );
}

function Results({ data, page, busy }: { data: SearchAnswer; page: number; busy: boolean }) {
  const { t, language } = useSpeech();
  const url = useUrlState();
  const anyFacet = url.all('status').length + url.all('town').length + url.all('industry').length > 0;
  const facets = anyFacet || data.facets.status.length + data.facets.town.length + data.facets.industry.length > 0;
  return (
    <div className={facets ? 'aside-left' : undefined}>
      <aside className="stack" aria-label={t('credit.search.narrow')} hidden={!facets}>
        {(['status', 'town', 'industry'] as const).map((key) => (
          <FacetList key={key} name={key} values={data.facets[key]} />
        ))}
        {anyFacet ? (
          <Button
            type="text"
            onClick={() => url.set({ status: undefined, town: undefined, industry: undefined, page: undefined })}
          >
            {t('common.reset')}
          </Button>
        ) : null}
      </aside>
      <div className="stack-s" aria-busy={busy}>
        <p className="small quiet" role="status">
          {t(data.exact ? 'credit.search.found' : 'credit.search.found-more', {
            n: full(data.total),
            ms: data.tookMs.toFixed(data.tookMs < 10 ? 1 : 0),
          })}
        </p>
        {data.hints.map((hint) => (
          <p key={hint.code} className="note small">
            {hint[language]}
          </p>
        ))}
        {data.hits.length === 0 ? (
          <div className="panel">
            <Empty title={t('credit.search.none')}>{t('credit.search.none-text')}</Empty>
          </div>
        ) : (
          <ul className="panel hits">
            {data.hits.map((hit) => (
              <Hit key={hit.entity} hit={hit} />
            ))}
          </ul>
        )}
        {data.total > size ? (
          <nav aria-label={t('common.pages')}>
            <Pagination
              size="small"
              align="end"
              current={page}
              pageSize={size}
              total={Math.min(data.total, 500 * size)}
              showSizeChanger={false}
              onChange={(next) => url.set({ page: next === 1 ? undefined : next })}
            />
          </nav>
        ) : null}
      </div>
    </div>
  );
}

function FacetList({ name, values }: { name: FacetKey; values: SearchAnswer['facets'][FacetKey] }) {
  const { t } = useSpeech();
  const url = useUrlState();
  const chosen = url.all(name);
  if (values.length === 0 && chosen.length === 0) return null;
  const shown = values.slice(0, 10);
  const titles = shown.map((value) => value.title || value.value);
  const names = name === 'town' ? withoutCommonStart(titles) : titles;
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t(`credit.search.facet.${name}`)}</h2>
      </div>
      <ul className="picks">
        {shown.map((value, i) => {
          const on = chosen.includes(value.value);
          return (
            <li key={value.value}>
              <button
                type="button"
                aria-pressed={on}
                onClick={() =>
                  url.set({
                    [name]: on ? chosen.filter((c) => c !== value.value) : [...chosen, value.value],
                    page: undefined,
                  })
                }
              >
                <span title={value.title || value.value}>{names[i]}</span>
                <span className="num quiet">{full(value.count)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Hit({ hit }: { hit: SearchHit }) {
  const { t, language } = useSpeech();
  const name = hit.highlights.find((h) => h.field === 'name' && h.text === hit.name);
  const others = hit.highlights.filter((h) => h !== name);
  const code = others.find((h) => h.field === 'uscc');
  const capital = hit.capital === null ? null : money(hit.capital * 10_000, language);
  return (
    <li className="hit">
      <div className="row spread">
        <Link to="/credit/enterprises/$entity" params={{ entity: String(hit.entity) } as never} className="hit-name">
          <Marked text={hit.name} ranges={(name?.ranges ?? []) as [number, number][]} />
        </Link>
        <span className="row">
          <span className="small quiet">{t(`credit.search.route.${hit.route}`)}</span>
          {hit.status ? <Label tone={statusTone(hit.status)}>{hit.status}</Label> : null}
        </span>
      </div>
      <div className="row small hit-facts">
        <span className="mono">
          {hit.uscc ? (
            <Marked text={hit.uscc} ranges={(code?.ranges ?? []) as [number, number][]} />
          ) : (
            t('credit.no-code')
          )}
        </span>
        <span>
          <span className="quiet">{t('terms.attribute.legal-representative')}</span>{' '}
          <Cell cell={hit.legalRepresentative} />
        </span>
        {hit.established ? (
          <span>
            <span className="quiet">{t('terms.attribute.established')}</span> {hit.established}
          </span>
        ) : null}
        {capital ? (
          <span>
            <span className="quiet">{t('terms.attribute.capital')}</span> {capital.number}
            <span className="unit">{capital.unit}</span>
          </span>
        ) : null}
        <span>
          <span className="quiet">{t('credit.search.facts')}</span> {full(hit.facts)}
        </span>
      </div>
      {hit.address ? <div className="small quiet">{hit.address}</div> : null}
      {others
        .filter((h) => h.field !== 'uscc')
        .map((h) => (
          <div key={`${h.field}-${h.text}`} className="small">
            <span className="quiet">{t(`credit.search.field.${h.field}`)}</span>{' '}
            <Marked text={h.text} ranges={h.ranges as [number, number][]} />
          </div>
        ))}
    </li>
  );
}
