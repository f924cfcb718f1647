/** 控制与担保链: one enterprise's chains, drawn and as tables; without one, the circles of the city. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Cell } from '../credit/cell.tsx';
import { Drawing } from './chains-drawing.tsx';
import { EntityLink, Start } from './chains-start.tsx';
import type { ChainsAnswer } from './types.ts';

export default function Chains() {
  const { t } = useSpeech();
  const url = useUrlState();
  const entity = url.get('entity');
  return (
    <Page title={t('titles.chains')} lead={t('assess.chains.lead')}>
      {/^\d+$/.test(entity) ? <Of entity={entity} /> : <Start />}
    </Page>
  );
}

function Of({ entity }: { entity: string }) {
  const chains = useQuery({
    queryKey: ['credit', 'chains', entity],
    queryFn: ({ signal }) => api.get('/api/v1/credit/chains/{entity}', { params: { entity }, signal }),
  });
  return <Loaded query={chains}>{(data) => <Told data={data} />}</Loaded>;
}

function Told({ data }: { data: ChainsAnswer }) {
  const { t } = useSpeech();
  const nodes = new Map(data.nodes.map((n) => [n.id, n]));
  const node = (id: string) => {
    const found = nodes.get(id);
    if (!found) return id;
    return found.entity ? <EntityLink entity={found.entity} name={found.label.value} /> : <Cell cell={found.label} />;
  };
  return (
    <div className="stack">
      <p className="small">
        <Link to="/credit/chains" search={{} as never}>
          {t('assess.chains.back')}
        </Link>
      </p>
      <h2>
        <Link to="/credit/enterprises/$entity" params={{ entity: String(data.entity) } as never}>
          {data.name ?? data.entity}
        </Link>
      </h2>
      {data.cut ? <p className="note small">{t('assess.chains.cut')}</p> : null}
      <Panel
        title={t('assess.chains.network')}
        extra={<span className="quiet">{t('assess.chains.guarantees', data.guarantees)}</span>}
      >
        <Drawing data={data} />
      </Panel>
      {data.circles.length ? (
        <Panel title={t('assess.chains.circles')}>
          {data.circles.map((c) => (
            <p key={`${c.kind} ${c.ids.join()}`} className="chain-steps">
              <Label tone="warn">{t(`assess.chains.${c.kind}`)}</Label>
              {c.ids.map((id) => (
                <span key={id}>{node(id)} →</span>
              ))}
              <span className="quiet">{nodes.get(c.ids[0] ?? '')?.label.value}</span>
            </p>
          ))}
        </Panel>
      ) : null}
      <Panel title={t('assess.chains.control')}>
        {data.control.length === 0 ? (
          <p className="quiet">{t('assess.chains.no-control')}</p>
        ) : (
          <p className="chain-steps">
            <span>{data.name}</span>
            {data.control.map((s) => (
              <span key={s.holder}>
                ← {percent(s.share, 1)} · {node(s.holder)}
              </span>
            ))}
          </p>
        )}
      </Panel>
      <Panel
        title={t('assess.chains.owners')}
        flush
        extra={
          data.unknown > 0.00005 ? (
            <span className="quiet">{`${t('assess.chains.unknown')} ${percent(data.unknown, 2)}`}</span>
          ) : null
        }
      >
        <DataTable
          caption={t('assess.chains.owners')}
          rows={data.owners}
          rowKey={(o) => o.id}
          empty={<p className="panel-body quiet">{t('assess.chains.none')}</p>}
          columns={[
            { key: 'holder', title: t('assess.chains.holder'), head: true, render: (o) => node(o.id) },
            { key: 'share', title: t('assess.chains.share'), align: 'end', render: (o) => percent(o.share, 2) },
            {
              key: 'ultimate',
              title: t('assess.chains.kind'),
              render: (o) =>
                o.ultimate ? <Label tone="primary">{t('assess.chains.ultimate')}</Label> : t('assess.chains.middle'),
            },
            { key: 'depth', title: t('assess.chains.depth'), align: 'end', render: (o) => full(o.depth) },
          ]}
        />
      </Panel>
      {data.holdings.length ? (
        <Panel title={t('assess.chains.holdings')} flush>
          <DataTable
            caption={t('assess.chains.holdings')}
            rows={data.holdings}
            rowKey={(h) => h.id}
            columns={[
              { key: 'enterprise', title: t('assess.chains.enterprise'), head: true, render: (h) => node(h.id) },
              { key: 'share', title: t('assess.chains.share'), align: 'end', render: (h) => percent(h.share, 2) },
            ]}
          />
        </Panel>
      ) : null}
      <Panel title={t('assess.chains.officers')} flush>
        <DataTable
          caption={t('assess.chains.officers')}
          rows={data.sharedOfficers}
          rowKey={(_, n) => n}
          empty={<p className="panel-body quiet">{t('assess.chains.none')}</p>}
          columns={[
            {
              key: 'person',
              title: t('assess.chains.person'),
              head: true,
              tight: true,
              render: (o) => <Cell cell={o.person} />,
            },
            {
              key: 'enterprises',
              title: t('assess.chains.enterprises'),
              render: (o) => (
                <span className="chain-steps">
                  {o.enterprises.map((e) => (
                    <EntityLink key={e.entity} entity={e.entity} name={e.name} />
                  ))}
                </span>
              ),
            },
          ]}
        />
      </Panel>
      <Panel title={t('assess.chains.address')} extra={<span className="quiet">{data.sharedAddress.address}</span>}>
        {data.sharedAddress.enterprises.length === 0 ? (
          <p className="quiet">{t('assess.chains.none')}</p>
        ) : (
          <p className="chain-steps">
            {data.sharedAddress.enterprises.map((e) => (
              <EntityLink key={e.entity} entity={e.entity} name={e.name} />
            ))}
          </p>
        )}
      </Panel>
    </div>
  );
}
