/** Data elements: found by group and word, and where sources' fields differ from them. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Tabs } from 'antd';
import { api } from '../../api/client.ts';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Fact, Facts, Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Differences } from './differences.tsx';
import { formOf, StatusLabel } from './shared.tsx';

const LIMIT = 50;

export default function Elements() {
  const { t } = useSpeech();
  const url = useUrlState();
  const tab = url.get('tab') || 'list';
  return (
    <Page title={t('titles.elements')} lead={t('elements.lead')} actions={<Link to="/codes">{t('titles.codes')}</Link>}>
      <Tabs
        activeKey={tab}
        destroyOnHidden
        onChange={(key) =>
          url.set({
            tab: key === 'list' ? undefined : key,
            q: undefined,
            group: undefined,
            kind: undefined,
            offset: undefined,
          })
        }
        items={[
          { key: 'list', label: t('elements.list'), children: <List /> },
          { key: 'differences', label: t('elements.differences'), children: <AllDifferences /> },
        ]}
      />
    </Page>
  );
}

function List() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const asked = {
    ...{ q: url.get('q'), group: url.get('group'), offset: url.number('offset', 0), limit: LIMIT },
    differing: (url.get('differing') === '1' ? '1' : '') as '' | '1',
  };
  const all = useQuery({
    queryKey: ['elements', asked],
    queryFn: ({ signal }) => api.get('/api/v1/elements', { query: asked, signal }),
    placeholderData: (before) => before,
  });
  return (
    <div className="stack">
      <Filters keys={['q', 'group', 'differing']}>
        <TextFilter name="q" label={t('elements.find')} hint={t('elements.find-hint')} width={260} />
        <ChoiceFilter
          name="group"
          label={t('elements.group')}
          width={190}
          choices={(all.data?.groups ?? []).map((g) => ({ value: g.group, label: `${say(g.title)} ${g.n}` }))}
        />
        <ChoiceFilter
          name="differing"
          label={t('elements.state')}
          width={170}
          choices={[{ value: '1', label: t('elements.only-differing') }]}
        />
      </Filters>
      <Loaded query={all}>
        {(data) => (
          <>
            {data.problems.length ? (
              <div className="note bad" role="alert">
                <p className="strong">{t('elements.problems')}</p>
                {data.problems.map((p) => (
                  <p key={`${p.code}-${p.place}`} className="small">
                    <span className="mono">{p.place}</span> {say(p)}
                  </p>
                ))}
              </div>
            ) : null}
            <Facts>
              <Fact label={t('elements.summary-fields')}>{full(data.summary.fields)}</Fact>
              <Fact label={t('elements.summary-referring')}>{full(data.summary.referring)}</Fact>
              <Fact label={t('elements.summary-differing')}>{full(data.summary.differing)}</Fact>
              <Fact label={t('elements.summary-unreferred')}>{full(data.summary.unreferred)}</Fact>
            </Facts>
            <Panel title={t('elements.list')} flush={data.items.length > 0}>
              <DataTable
                caption={t('elements.list')}
                rows={data.items}
                rowKey={(e) => e.id}
                empty={<Empty title={t('elements.none')}>{t('elements.none-text')}</Empty>}
                columns={[
                  {
                    key: 'title',
                    head: true,
                    title: t('elements.name'),
                    render: (e) => (
                      <>
                        <Link to="/elements/$element" params={{ element: e.id } as never}>
                          {say(e.title)}
                        </Link>
                        <p className="small quiet">{say(e.definition)}</p>
                      </>
                    ),
                  },
                  {
                    key: 'number',
                    title: t('elements.number'),
                    render: (e) => <code className="small">{e.number}</code>,
                  },
                  { key: 'group', title: t('elements.group'), render: (e) => say(e.groupTitle) },
                  { key: 'form', title: t('elements.form'), render: (e) => formOf(e, t) },
                  {
                    key: 'codes',
                    title: t('elements.domain'),
                    render: (e) =>
                      e.codes ? (
                        <Link to="/codes/$set" params={{ set: e.codes } as never}>
                          {say(e.codesTitle)}
                        </Link>
                      ) : (
                        '—'
                      ),
                  },
                  { key: 'standard', title: t('elements.standard'), render: (e) => e.standard ?? '—' },
                  { key: 'fields', title: t('elements.fields'), align: 'end', render: (e) => full(e.fields) },
                  {
                    key: 'state',
                    title: t('elements.state'),
                    render: (e) =>
                      e.differing ? (
                        <Label tone="warn">{t('elements.differing-n', { n: e.differing })}</Label>
                      ) : (
                        <StatusLabel status={e.status} />
                      ),
                  },
                ]}
              />
            </Panel>
            <Pager
              offset={asked.offset}
              limit={LIMIT}
              total={data.total}
              onOffset={(offset) => url.set({ offset: offset || undefined })}
            />
          </>
        )}
      </Loaded>
    </div>
  );
}

const kinds = ['length', 'type', 'format', 'unit', 'codes', 'protection', 'retired', 'unreferred'] as const;

function AllDifferences() {
  const { t } = useSpeech();
  const url = useUrlState();
  const asked = {
    ...{ q: url.get('q'), offset: url.number('offset', 0), limit: LIMIT },
    kind: url.get('kind') as '' | (typeof kinds)[number],
  };
  const all = useQuery({
    queryKey: ['elements', 'differences', asked],
    queryFn: ({ signal }) => api.get('/api/v1/elements/differences', { query: asked, signal }),
    placeholderData: (before) => before,
  });
  return (
    <div className="stack">
      <p className="small quiet">{t('elements.differences-lead')}</p>
      <Filters keys={['q', 'kind']}>
        <TextFilter name="q" label={t('elements.find-field')} />
        <ChoiceFilter
          name="kind"
          label={t('elements.kind')}
          width={200}
          choices={kinds.map((value) => ({ value, label: t(`elements.differs-${value}`) }))}
        />
      </Filters>
      <Loaded query={all}>
        {(data) => (
          <>
            <Panel title={t('elements.differences')} flush={data.items.length > 0}>
              <Differences items={data.items} element />
            </Panel>
            <Pager
              offset={asked.offset}
              limit={LIMIT}
              total={data.total}
              onOffset={(offset) => url.set({ offset: offset || undefined })}
            />
          </>
        )}
      </Loaded>
    </div>
  );
}
