/** Where to begin without an enterprise in mind: large groups, guarantees, shared addresses and persons, circles. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { Label, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Cell } from '../credit/cell.tsx';

export function Start() {
  return (
    <div className="stack">
      <Examples />
      <Circles />
    </div>
  );
}

function Examples() {
  const { t } = useSpeech();
  const found = useQuery({
    queryKey: ['credit', 'chain-examples'],
    queryFn: ({ signal }) => api.get('/api/v1/credit/chain-examples', { signal }),
  });
  const list = (key: string, rows: { entity: number; name: string | null; n: number; of?: React.ReactNode }[]) => (
    <Panel key={key} title={t(`assess.chains.${key}`)} flush>
      <DataTable
        caption={t(`assess.chains.${key}`)}
        rows={rows}
        rowKey={(_, n) => n}
        empty={<p className="panel-body quiet">{t('assess.chains.none')}</p>}
        columns={[
          {
            key: 'enterprise',
            title: t('assess.chains.enterprise'),
            head: true,
            render: (r) => (
              <>
                {r.of ? <div>{r.of}</div> : null}
                <EntityLink entity={r.entity} name={r.name} />
              </>
            ),
          },
          { key: 'n', title: t('assess.chains.count'), align: 'end', tight: true, render: (r) => full(r.n) },
        ]}
      />
    </Panel>
  );
  return (
    <Loaded query={found}>
      {(data) => (
        <div className="chain-examples">
          {list('groups', data.groups)}
          {list('guarantors', data.guarantees)}
          {list(
            'shared-addresses',
            data.addresses.map((a) => ({ ...a, of: a.address })),
          )}
          {list(
            'shared-officers',
            data.officers.map((o) => ({ ...o, of: <Cell cell={o.person} /> })),
          )}
        </div>
      )}
    </Loaded>
  );
}

/** Circles of the whole city. */
function Circles() {
  const { t } = useSpeech();
  const circles = useQuery({
    queryKey: ['credit', 'circles'],
    queryFn: ({ signal }) => api.get('/api/v1/credit/circles', { signal }),
  });
  return (
    <Loaded query={circles}>
      {(data) => (
        <Panel
          title={t('assess.chains.circles')}
          flush
          extra={<Link to="/credit/search">{t('assess.chains.find')}</Link>}
        >
          <p className="panel-body small quiet">{t('assess.chains.start')}</p>
          <DataTable
            caption={t('assess.chains.circles')}
            rows={data.items}
            rowKey={(_, n) => n}
            empty={<Empty title={t('assess.chains.no-circles')} />}
            columns={[
              {
                key: 'kind',
                title: t('assess.chains.kind'),
                tight: true,
                render: (c) => (
                  <Label tone={c.kind === 'ownership' ? 'warn' : 'bad'}>{t(`assess.chains.${c.kind}`)}</Label>
                ),
              },
              {
                key: 'enterprises',
                title: t('assess.chains.enterprises'),
                render: (c) => (
                  <span className="chain-steps">
                    {c.enterprises.map((e) => (
                      <span key={e.entity}>
                        <EntityLink entity={e.entity} name={e.name} /> →
                      </span>
                    ))}
                    <span className="quiet">{c.enterprises[0]?.name}</span>
                  </span>
                ),
              },
            ]}
          />
        </Panel>
      )}
    </Loaded>
  );
}

/** To the chains of another enterprise. */
export function EntityLink({ entity, name }: { entity: number; name: string | null }) {
  return (
    <Link to="/credit/chains" search={{ entity: String(entity) } as never}>
      {name ?? entity}
    </Link>
  );
}
