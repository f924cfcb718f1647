/** 楼栋与人员: the building of an enterprise's address with its map, and who is insured by it. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { Fact, Facts, Panel } from '../../components/page.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { Cell } from '../credit/cell.tsx';
import { SketchMap } from './map.tsx';

const to = (library: string, entity: number) =>
  ({ to: '/libraries/$library/$entity', params: { library, entity: String(entity) } as never }) as const;

export function EnterprisePlace({ entity }: { entity: string }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const place = useQuery({
    queryKey: ['libraries', 'legal-person', entity, 'place'],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/legal-persons/{entity}/place', { params: { entity }, signal }),
    enabled: may('library.read'),
  });
  const building = place.data?.building;
  const map = useQuery({
    queryKey: ['libraries', 'base', 'building', 'map', String(building?.entity)],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/base/{library}/entities/{entity}/map', {
        params: { library: 'building', entity: String(building?.entity) },
        signal,
      }),
    enabled: building !== undefined && building !== null,
  });
  const data = place.data;
  if (!data) return null;
  return (
    <Panel
      id="place"
      title={t('base.place')}
      extra={building ? <span className="quiet">{say(building.method)}</span> : null}
    >
      <div className="stack-s">
        {building ? null : <p className="quiet">{t('base.place-none')}</p>}
        <Facts>
          {building ? (
            <Fact label={t('base.place-building')} wide>
              <Link {...to('building', building.entity)}>{building.label ?? building.entity}</Link>
            </Fact>
          ) : null}
          {data.areas.map((area) => (
            <Fact key={area.kind} label={say(area.title)}>
              <Link {...to(area.library, area.entity)}>{area.label ?? area.entity}</Link>
            </Fact>
          ))}
          {building ? (
            <Fact label={t('base.place-enterprises')}>
              <span className="num">{full(data.enterprises)}</span>
            </Fact>
          ) : null}
          {building && data.dwellings > 0 ? (
            <Fact label={t('base.counts-dwellings')}>
              <span className="num">{full(data.dwellings)}</span>
            </Fact>
          ) : null}
          <Fact label={t('base.place-insured')}>
            <span className="num">{data.insured === null ? t('base.fewer') : full(data.insured)}</span>
          </Fact>
          {data.people.length > 0 ? (
            <Fact label={t('base.place-people')} wide>
              {data.people.map((p, i) => (
                <span key={p.entity}>
                  {i > 0 ? '、' : null}
                  <Link {...to('person', p.entity)}>
                    <Cell cell={p.label} />
                  </Link>
                </span>
              ))}
            </Fact>
          ) : null}
        </Facts>
        {map.data?.own ? <SketchMap data={map.data} /> : null}
      </div>
    </Panel>
  );
}
