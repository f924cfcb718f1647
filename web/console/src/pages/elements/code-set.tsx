/** The codes of one set, by version; large tables from their top downwards. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { api } from '../../api/client.ts';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';

const LIMIT = 100;

export default function CodeSet() {
  const { t, say } = useSpeech();
  const { set: id } = useParams({ strict: false }) as { set: string };
  const url = useUrlState();
  const asked = {
    ...{ q: url.get('q'), version: url.get('version'), parent: url.get('parent') },
    ...{ offset: url.number('offset', 0), limit: LIMIT },
  };
  const one = useQuery({
    queryKey: ['codes', 'one', id, asked],
    queryFn: ({ signal }) => api.get('/api/v1/codes/{id}', { params: { id }, query: asked, signal }),
    placeholderData: (before) => before,
  });
  useTabTitle(one.data ? say(one.data.set.title) : undefined);
  return (
    <Loaded query={one} heading={t('titles.code-set')}>
      {({ set, version, codes, total, gone, place }) => (
        <Page title={say(set.title)} lead={say(set.definition)} back={{ to: '/codes', label: t('titles.codes') }}>
          <div className="stack">
            <Panel title={t('elements.what')}>
              <Facts>
                <Fact label={t('elements.number')}>
                  <code>{set.number}</code>
                </Fact>
                <Fact label={t('elements.standard')}>{set.standard ?? '—'}</Fact>
                <Fact label={t('elements.owner')}>{say(set.ownerName) || t('elements.city')}</Fact>
                <Fact label={t('elements.shown-version')}>
                  {version} <span className="quiet">{set.versions.find((v) => v.version === version)?.from}</span>
                </Fact>
                <Fact label={t('titles.elements')}>
                  {set.elements.length
                    ? set.elements.map((e) => (
                        <Link key={e.id} to="/elements/$element" params={{ element: e.id } as never}>
                          {say(e.title)}
                        </Link>
                      ))
                    : '—'}
                </Fact>
                <Fact label={t('elements.place')}>
                  <code className="small">{place}</code>
                </Fact>
              </Facts>
            </Panel>
            <Filters keys={['q', 'version', 'parent']}>
              <TextFilter name="q" label={t('elements.find-code')} />
              {set.versions.length > 1 ? (
                <ChoiceFilter
                  name="version"
                  label={t('elements.shown-version')}
                  width={170}
                  choices={set.versions.map((v) => ({ value: v.version, label: `${v.version}（${v.n}）` }))}
                />
              ) : null}
              {asked.parent ? (
                <Button onClick={() => url.set({ parent: undefined, offset: undefined })}>
                  {t('elements.from-top', { code: asked.parent })}
                </Button>
              ) : null}
            </Filters>
            <Panel title={t('elements.codes')} flush={codes.length > 0}>
              <DataTable
                caption={t('elements.codes')}
                rows={codes}
                rowKey={(c) => c.code}
                empty={<Empty title={t('elements.no-codes')}>{t('elements.none-text')}</Empty>}
                columns={[
                  {
                    key: 'code',
                    head: true,
                    tight: true,
                    title: t('elements.code'),
                    render: (c) => <code>{c.code}</code>,
                  },
                  {
                    key: 'title',
                    title: t('elements.meaning'),
                    render: (c) => (
                      <>
                        {say(c.title)} {c.change ? <Label tone="info">{t(`elements.change-${c.change}`)}</Label> : null}
                      </>
                    ),
                  },
                  {
                    key: 'parent',
                    title: t('elements.parent'),
                    render: (c) => (c.parent ? <code>{c.parent}</code> : '—'),
                  },
                  {
                    key: 'children',
                    title: t('elements.below'),
                    align: 'end',
                    render: (c) =>
                      c.children ? (
                        <Button
                          size="small"
                          onClick={() => url.set({ parent: c.code, q: undefined, offset: undefined })}
                        >
                          {full(c.children)}
                          <span className="visually-hidden">{t('elements.open-below', { code: c.code })}</span>
                        </Button>
                      ) : (
                        '—'
                      ),
                  },
                ]}
              />
            </Panel>
            <Pager
              offset={asked.offset}
              limit={LIMIT}
              total={total}
              onOffset={(offset) => url.set({ offset: offset || undefined })}
            />
            {gone.length ? (
              <p className="note small">
                {t('elements.gone')}
                {gone.map((c) => `${c.code} ${say(c.title)}`).join('、')}
              </p>
            ) : null}
          </div>
        </Page>
      )}
    </Loaded>
  );
}
