/** Code sets, and codes found in all of them. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { Filters, TextFilter } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';

export default function Codes() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const q = url.get('q');
  const all = useQuery({
    queryKey: ['codes', q],
    queryFn: ({ signal }) => api.get('/api/v1/codes', { query: { q }, signal }),
    placeholderData: (before) => before,
  });
  return (
    <Page
      title={t('titles.codes')}
      lead={t('elements.codes-lead')}
      back={{ to: '/elements', label: t('titles.elements') }}
    >
      <div className="stack">
        <Filters keys={['q']}>
          <TextFilter name="q" label={t('elements.find-code')} hint={t('elements.find-code-hint')} width={280} />
        </Filters>
        <Loaded query={all}>
          {({ items, found }) => (
            <>
              {found.length ? (
                <Panel title={t('elements.found-codes')} flush>
                  <DataTable
                    caption={t('elements.found-codes')}
                    rows={found}
                    rowKey={(c) => `${c.set} ${c.code}`}
                    columns={[
                      { key: 'code', head: true, title: t('elements.code'), render: (c) => <code>{c.code}</code> },
                      { key: 'title', title: t('elements.meaning'), render: (c) => say(c.title) },
                      {
                        key: 'set',
                        title: t('elements.set'),
                        render: (c) => (
                          <Link to="/codes/$set" params={{ set: c.set } as never} search={{ q: c.code } as never}>
                            {say(c.setTitle)}
                          </Link>
                        ),
                      },
                    ]}
                  />
                </Panel>
              ) : null}
              <Panel title={t('titles.codes')} flush={items.length > 0}>
                <DataTable
                  caption={t('titles.codes')}
                  rows={items}
                  rowKey={(s) => s.id}
                  empty={<Empty title={t('elements.no-codes')}>{t('elements.none-text')}</Empty>}
                  columns={[
                    {
                      key: 'title',
                      head: true,
                      title: t('elements.name'),
                      render: (s) => (
                        <>
                          <Link to="/codes/$set" params={{ set: s.id } as never}>
                            {say(s.title)}
                          </Link>
                          <p className="small quiet">{say(s.definition)}</p>
                        </>
                      ),
                    },
                    {
                      key: 'number',
                      title: t('elements.number'),
                      render: (s) => <code className="small">{s.number}</code>,
                    },
                    { key: 'standard', title: t('elements.standard'), render: (s) => s.standard ?? t('elements.city') },
                    {
                      key: 'version',
                      title: t('elements.in-force'),
                      render: (s) => (
                        <>
                          {s.versions.at(-1)?.version}{' '}
                          {s.versions.length > 1 ? (
                            <Label>{t('elements.versions-n', { n: s.versions.length })}</Label>
                          ) : null}
                        </>
                      ),
                    },
                    {
                      key: 'n',
                      title: t('elements.codes'),
                      align: 'end',
                      render: (s) => full(s.versions.at(-1)?.n ?? 0),
                    },
                    {
                      key: 'elements',
                      title: t('titles.elements'),
                      render: (s) =>
                        s.elements.length
                          ? s.elements.map((e) => (
                              <Link key={e.id} to="/elements/$element" params={{ element: e.id } as never}>
                                {say(e.title)}
                              </Link>
                            ))
                          : '—',
                    },
                  ]}
                />
              </Panel>
            </>
          )}
        </Loaded>
      </div>
    </Page>
  );
}
