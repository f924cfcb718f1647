/** 基础库: the declared libraries at a glance, with what there is of each and what its sources bring. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';

type Library = Answer<'/api/v1/libraries/base'>['libraries'][number];

export default function Libraries() {
  const { t } = useSpeech();
  const query = useQuery({
    queryKey: ['libraries', 'base'],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/base', { signal }),
  });
  return (
    <Page title={t('titles.libraries')} lead={t('base.lead')} actions={<Remake />}>
      <Loaded query={query}>
        {(data) => (
          <div className="stack">
            {data.problems > 0 ? <p role="alert">{t('base.problems', { n: data.problems })}</p> : null}
            {data.libraries.length === 0 ? (
              <div className="panel">
                <Empty title={t('base.none')}>{t('base.none-text')}</Empty>
              </div>
            ) : null}
            {data.libraries.map((library) => (
              <OneLibrary key={library.library} library={library} />
            ))}
          </div>
        )}
      </Loaded>
    </Page>
  );
}

/** A changed library.yaml takes effect at once instead of with the next delivery. */
function Remake() {
  const { t } = useSpeech();
  const { may } = useSession();
  const remake = useMutation({ mutationFn: () => api.post('/api/v1/libraries/base/remake') });
  if (!may('system.manage')) return null;
  return (
    <>
      {remake.isSuccess ? <span role="status">{t('base.remake-done')}</span> : null}
      <Button loading={remake.isPending} onClick={() => remake.mutate()}>
        {t('base.remake')}
      </Button>
    </>
  );
}

function OneLibrary({ library }: { library: Library }) {
  const { t, say } = useSpeech();
  return (
    <Panel
      title={say(library.title)}
      extra={
        library.open ? (
          <Link to="/libraries/$library" params={{ library: library.library } as never}>
            {t('base.open')}
            <span className="visually-hidden"> {say(library.title)}</span>
          </Link>
        ) : (
          <span className="quiet">{t('base.closed')}</span>
        )
      }
    >
      <div className="stack-s">
        <p className="quiet">{say(library.abstract)}</p>
        <Facts>
          <Fact label={t('base.entities')}>
            <b className="num">{full(library.entities)}</b>
          </Fact>
          <Fact label={<span title={t('base.quality-note')}>{t('base.quality')}</span>}>
            <span className="num">{library.quality === null ? '—' : percent(library.quality)}</span>
          </Fact>
          <Fact label={t('base.disputed')}>
            <span className="num">{full(library.disputed)}</span>
          </Fact>
          <Fact label={t('base.relations')}>
            <span className="num">{full(library.relations)}</span>
          </Fact>
        </Facts>
        <details className="fold">
          <summary>{t('base.sources-of', { n: library.sources.length })}</summary>
          <DataTable
            caption={`${say(library.title)} · ${t('base.sources')}`}
            rows={library.sources}
            rowKey={(row, i) => `${row.source} ${i}`}
            columns={[
              {
                key: 'source',
                title: t('base.source'),
                head: true,
                render: (row) => (
                  <span>
                    {say(row.title)} {row.mention ? <span className="small quiet">{say(row.mention)}</span> : null}{' '}
                    {row.register ? <Label tone="info">{t('base.register')}</Label> : null}
                  </span>
                ),
              },
              { key: 'rows', title: t('base.rows'), align: 'end', render: (row) => full(row.rows) },
              { key: 'linked', title: t('base.linked'), align: 'end', render: (row) => full(row.linked) },
              { key: 'ambiguous', title: t('base.ambiguous'), align: 'end', render: (row) => full(row.ambiguous) },
            ]}
          />
        </details>
      </div>
    </Panel>
  );
}
