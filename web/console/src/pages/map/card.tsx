/** The card of a feature: what it is, its fields within the viewer's rights, and the way to its record. */
import { CloseOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { api } from '../../api/client.ts';
import { Failure, Skeleton } from '../../components/states.tsx';
import { instant, full as number } from '../../format/index.ts';
import { pageAt } from '../../frame/frame.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { mayOpen } from '../../pages.ts';
import { useSession } from '../../session/session.tsx';

export function FeatureCard({ layer, id, onClose }: { layer: string; id: string; onClose: () => void }) {
  const { t, say } = useSpeech();
  const { held } = useSession();
  const card = useQuery({
    queryKey: ['map', 'card', layer, id],
    queryFn: ({ signal }) => api.get('/api/v1/map/layers/{layer}/features/{id}', { params: { layer, id }, signal }),
  });
  const link = card.data?.link;
  const target = link ? pageAt(link.split('?')[0]!) : undefined;
  return (
    <section className="map-card" aria-label={t('map.card')}>
      <div className="row" style={{ flexWrap: 'nowrap', alignItems: 'flex-start' }}>
        <div style={{ minWidth: 0, flex: 1 }}>
          <p className="small quiet">{card.data ? say(card.data.title) : ' '}</p>
          <h2>{card.data ? (card.data.label ?? card.data.id) : id}</h2>
        </div>
        <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t('map.close')} onClick={onClose} />
      </div>
      {card.isError ? <Failure error={card.error} retry={() => void card.refetch()} /> : null}
      {card.isPending ? <Skeleton rows={3} /> : null}
      {card.data ? (
        <>
          <dl className="map-card-facts">
            {card.data.fields
              .filter((f) => f.value !== null || f.shown === 'hidden')
              .map((f) => (
                <div key={f.name}>
                  <dt>{say(f.title)}</dt>
                  <dd>
                    {f.shown === 'hidden' ? (
                      <span className="quiet">{t('map.hidden')}</span>
                    ) : f.type === 'integer' || f.type === 'decimal' ? (
                      <span className="num">
                        {number(Number(f.value))}
                        {f.unit ? ` ${f.unit}` : ''}
                      </span>
                    ) : f.type === 'instant' ? (
                      instant(f.value)
                    ) : (
                      f.value
                    )}
                    {f.shown === 'masked' ? <span className="visually-hidden">{t('map.masked')}</span> : null}
                  </dd>
                </div>
              ))}
          </dl>
          {link && target && mayOpen(target, held) ? (
            <Link to={link as never} className="strong">
              {t('map.open-record')}
            </Link>
          ) : null}
        </>
      ) : null}
    </section>
  );
}
