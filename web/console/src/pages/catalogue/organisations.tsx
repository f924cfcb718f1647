/** The departments, and what each answers for. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { Page } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';

export default function Organisations() {
  const { t, say } = useSpeech();
  const organisations = useQuery({
    queryKey: ['catalogue', 'organisations'],
    queryFn: ({ signal }) => api.get('/api/v1/catalogue/organisations', { signal }),
    staleTime: 300_000,
  });
  const names = new Map(organisations.data?.items.map((o) => [o.id, say(o.name)]));
  return (
    <Page title={t('titles.organisations')} lead={t('catalogue.organisations-lead')}>
      <Loaded query={organisations}>
        {(data) => (
          <DataTable
            caption={t('titles.organisations')}
            rows={[...data.items].sort((a, b) => b.resources - a.resources)}
            rowKey={(row) => row.id}
            empty={
              <div className="panel">
                <Empty title={t('catalogue.no-organisations')}>{t('catalogue.no-organisations-text')}</Empty>
              </div>
            }
            columns={[
              {
                key: 'name',
                title: t('exchange.owner'),
                head: true,
                render: (row) => (
                  <>
                    <Link to="/catalogue/resources" search={{ owner: row.id } as never}>
                      {say(row.name)}
                    </Link>
                    {row.until ? (
                      <div className="small quiet">
                        {t('people.org.ended', { day: day(row.until) })}
                        {row.heir ? ` → ${names.get(row.heir) ?? row.heir}` : ''}
                      </div>
                    ) : null}
                  </>
                ),
              },
              {
                key: 'id',
                title: t('catalogue.organisation-id'),
                tight: true,
                render: (row) => <span className="mono quiet">{row.id}</span>,
              },
              {
                key: 'code',
                title: t('terms.attribute.uscc'),
                render: (row) => <span className="mono">{row.code ?? '—'}</span>,
              },
              {
                key: 'kind',
                title: t('catalogue.organisation-kind'),
                render: (row) => (row.kind ? t(`terms.organisation.${row.kind}`, { defaultValue: row.kind }) : '—'),
              },
              { key: 'resources', title: t('catalogue.resources'), align: 'end', render: (row) => row.resources },
              {
                key: 'unavailable',
                title: t('terms.state.unavailable'),
                align: 'end',
                render: (row) => <span className={row.unavailable ? 'warn-text' : 'quiet'}>{row.unavailable}</span>,
              },
            ]}
          />
        )}
      </Loaded>
    </Page>
  );
}
