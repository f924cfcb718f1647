/** A risk's number opened into everything that it follows from. */
import { useQuery } from '@tanstack/react-query';
import { Modal } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { Fact, Facts } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';

type Detail = Answer<'/api/v1/risk/models/{model}/{kind}/{id}'>;
export const one = (n: number | null | undefined): string => (n === null || n === undefined ? '—' : n.toFixed(1));
export const three = (n: number): string => n.toFixed(3);

/** A number with everything that it follows from. */
export function Tree({ model, kind, id, onClose }: { model: string; kind: string; id: string; onClose: () => void }) {
  const { t } = useSpeech();
  const tree = useQuery({
    queryKey: ['risk', 'tree', model, kind, id],
    queryFn: ({ signal }) =>
      api.get('/api/v1/risk/models/{model}/{kind}/{id}', { params: { model, kind, id }, signal }),
  });
  return (
    <Modal open width={860} footer={null} title={t('risk.why')} onCancel={onClose}>
      <Loaded query={tree}>{(d) => <Reasons d={d} />}</Loaded>
    </Modal>
  );
}

function Reasons({ d }: { d: Detail }) {
  const { t, say } = useSpeech();
  const now = d.scores.find((s) => s.horizon === 0);
  const hours = (n: number) => (n === 0 ? t('risk.now') : t('risk.in-hours', { n }));
  return (
    <div className="stack-s">
      <p className="strong">
        {d.name ?? d.id} · {say(d.title)}
      </p>
      {now ? (
        <p className="num">
          {`${one(now.score)} = 100 × ${three(now.h)} (${t('risk.hazard')})${d.ground.parts.length ? ` × ${three(d.ground.factor)} (${t('risk.ground')})` : ''} × ${three(d.exposure.factor)} (${t('risk.exposure')}) × ${three(d.vulnerability.factor)} (${t('risk.vulnerability')})`}
        </p>
      ) : null}
      <p className="row small">
        {d.scores.map((s) => (
          <span key={s.horizon}>
            {hours(s.horizon)} <strong className="num">{one(s.score)}</strong>
          </span>
        ))}
      </p>
      <Facts>
        <Fact label={say(d.exposure.title)}>
          {`${full(d.exposure.value)} / (${full(d.exposure.value)} + ${full(d.exposure.half)}) = ${three(d.exposure.factor)}`}
          {d.exposure.median ? (
            <span className="quiet small"> · {t('risk.median', { n: full(d.exposure.half) })}</span>
          ) : null}
        </Fact>
        {[...d.ground.parts, ...d.vulnerability.parts].map((v) => (
          <Fact key={v.id} label={say(v.title)}>
            {v.known
              ? `${v.value === null ? '—' : Math.round(v.value * 10) / 10} (${v.scale[0]} → ${v.scale[1]}) = ${three(v.factor)}`
              : `${t('risk.unknown')} = ${three(v.factor)}`}
          </Fact>
        ))}
      </Facts>
      {d.hazards.map((h) => (
        <section key={h.id}>
          <h3>{`${say(h.title)} (${h.unit}) · ${t('risk.weight')} ${h.weight} · ${h.scale[0]} → ${h.scale[1]}${h.over ? ` · ${t('risk.over-mean')}` : ''}${h.sum ? ` · ${t('risk.sum', { n: h.sum })}` : ''}`}</h3>
          <DataTable
            caption={say(h.title)}
            rows={h.stations}
            rowKey={(s) => `${s.series}-${s.horizon}`}
            empty={<p className="small quiet">{t('risk.no-station')}</p>}
            columns={[
              { key: 'station', title: t('risk.station'), head: true, render: (s) => say(s.label) },
              {
                key: 'metres',
                title: t('risk.metres'),
                align: 'end',
                tight: true,
                render: (s) => <span className="num">{full(s.metres)}</span>,
              },
              { key: 'when', title: t('risk.horizon'), tight: true, render: (s) => hours(s.horizon) },
              {
                key: 'value',
                title: t('risk.value'),
                align: 'end',
                tight: true,
                render: (s) => (
                  <span className="num">{`${s.value.toFixed(2)}${s.low !== null && s.high !== null ? ` (${s.low.toFixed(2)} – ${s.high.toFixed(2)})` : ''}`}</span>
                ),
              },
              {
                key: 'base',
                title: t('risk.base'),
                align: 'end',
                tight: true,
                render: (s) => <span className="num">{s.base ? s.base.toFixed(2) : '—'}</span>,
              },
              {
                key: 'h',
                title: t('risk.hazard'),
                align: 'end',
                tight: true,
                render: (s) => <span className="num">{three(s.h)}</span>,
              },
              { key: 'at', title: t('risk.at'), tight: true, render: (s) => (s.at ? instant(s.at) : '—') },
            ]}
          />
        </section>
      ))}
    </div>
  );
}
