/** 专题库: the themes that are there for who asks, with how many belong and how good the data is. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day, full, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';

export default function Themes() {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const { may } = useSession();
  const client = useQueryClient();
  const themes = useQuery({
    queryKey: ['themes'],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/themes', { signal }),
  });
  const run = useMutation({
    mutationFn: () => api.post('/api/v1/libraries/themes/run', { body: {} }),
    onSuccess: () => {
      message.success(t('themes.run-asked'));
      setTimeout(() => void client.invalidateQueries({ queryKey: ['themes'] }), 3_000);
    },
  });
  const changed = (n: number | null, sign: string) => (n ? `${sign}${full(n)}` : '—');
  return (
    <Page
      title={t('titles.themes')}
      lead={t('themes.lead')}
      actions={
        may('refinery.review') ? (
          <Button loading={run.isPending} onClick={() => run.mutate()}>
            {t('themes.run')}
          </Button>
        ) : null
      }
    >
      {run.isError ? <Failure error={run.error} /> : null}
      <Loaded query={themes}>
        {(data) => (
          <div className="stack">
            {data.problems.length ? (
              <div className="note bad" role="alert">
                <p className="strong">{t('themes.problems')}</p>
                {data.problems.map((p) => (
                  <p key={`${p.code}-${p.place}-${p.zh}`} className="small">
                    <span className="mono">{p.place}</span> {say(p)} <span className="mono quiet">{p.code}</span>
                  </p>
                ))}
              </div>
            ) : null}
            <Panel title={t('titles.themes')} flush>
              <DataTable
                caption={t('titles.themes')}
                rows={data.items}
                rowKey={(row) => row.id}
                empty={<Empty title={t('themes.empty')}>{t('themes.empty-text')}</Empty>}
                columns={[
                  {
                    key: 'title',
                    title: t('themes.title'),
                    head: true,
                    render: (row) => (
                      <div style={{ minWidth: '13em' }}>
                        <Link to="/themes/$theme" params={{ theme: row.id } as never}>
                          {say(row.title)}
                        </Link>{' '}
                        {row.state === 'ready' ? null : (
                          <Label tone={row.state === 'waiting' ? 'warn' : 'info'}>
                            {t(`themes.state.${row.state}`)}
                          </Label>
                        )}
                        <p className="small quiet">{say(row.purpose)}</p>
                        {row.missing.length ? (
                          <p className="small quiet">{t('themes.waiting', { views: row.missing.join('、') })}</p>
                        ) : null}
                      </div>
                    ),
                  },
                  { key: 'library', title: t('themes.library'), render: (row) => say(row.libraryTitle) },
                  { key: 'owner', title: t('themes.owner'), render: (row) => say(row.ownerName) },
                  {
                    key: 'members',
                    title: t('themes.members'),
                    align: 'end',
                    render: (row) => (row.members === null ? '—' : full(row.members)),
                  },
                  {
                    key: 'entered',
                    title: t('themes.entered'),
                    align: 'end',
                    render: (row) => changed(row.entered, '+'),
                  },
                  { key: 'gone', title: t('themes.gone'), align: 'end', render: (row) => changed(row.gone, '−') },
                  { key: 'filled', title: t('themes.filled'), align: 'end', render: (row) => percent(row.filled) },
                  {
                    key: 'contradicted',
                    title: t('themes.contradicted'),
                    align: 'end',
                    render: (row) => percent(row.contradicted),
                  },
                  { key: 'day', title: t('themes.day'), tight: true, render: (row) => day(row.day) },
                ]}
              />
            </Panel>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
