/** All cockpits: the question that each answers, its first figures, and what deserves attention in it. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Label, Page } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { measuredOf, toneOf } from './numbers.ts';
import { useTrouble } from './tile.tsx';
import { ask, type Gallery as GalleryAnswer } from './wire.ts';

export default function Gallery() {
  const { t, say, language } = useSpeech();
  const { may } = useSession();
  const trouble = useTrouble();
  const query = useQuery({
    queryKey: ['cockpits'],
    queryFn: ({ signal }) => ask<GalleryAnswer>('', { signal }),
    refetchInterval: 30_000,
  });
  return (
    <Page
      title={t('titles.cockpits')}
      lead={t('cockpits.lead')}
      actions={may('cockpit.manage') ? <Link to="/cockpit-studio">{t('titles.cockpit-studio')}</Link> : null}
    >
      <Loaded query={query}>
        {({ items, problems }) => (
          <div className="stack">
            {problems.length ? (
              <div className="note bad" role="alert">
                <p className="strong">{t('cockpits.problems', { n: problems.length })}</p>
                <ul className="small">
                  {problems.slice(0, 20).map((p) => (
                    <li key={`${p.code} ${p.place} ${p.en}`}>
                      <code>{p.place}</code> {say(p)}
                    </li>
                  ))}
                </ul>
              </div>
            ) : null}
            {items.length === 0 ? <Empty title={t('cockpits.none')}>{t('cockpits.none-text')}</Empty> : null}
            <ul className="ck-gallery">
              {items
                .filter((i) => i.allowed)
                .map((item) => (
                  <li key={item.id} className={item.overview ? 'panel overview' : 'panel'}>
                    <Link to="/cockpits/$scenario" params={{ scenario: item.id } as never} className="ck-card">
                      <h2>{say(item.title)}</h2>
                      <p className="quiet small">{say(item.question)}</p>
                      <dl>
                        {item.head.map(({ measure, figure }) => {
                          const v = measuredOf(figure.value, measure, language);
                          const wrong = trouble(figure);
                          return (
                            <div key={measure.key}>
                              <dt>{say(measure.title)}</dt>
                              {wrong && figure.value === null ? (
                                <dd className="quiet small" title={wrong.why}>
                                  {wrong.text}
                                </dd>
                              ) : (
                                <dd
                                  className={`num ${toneOf(figure, measure) ? `${toneOf(figure, measure)}-text` : ''}`}
                                >
                                  {v.number}
                                  <span className="unit">{v.unit}</span>
                                </dd>
                              )}
                            </div>
                          );
                        })}
                      </dl>
                      <p className="ck-card-foot small">
                        <span className="quiet">
                          {say(item.ownerName)} · {t('cockpits.indicators', { n: item.indicators })}
                        </span>
                        {item.attention.length ? (
                          <Label
                            tone={
                              item.attention[0]!.level === 'bad'
                                ? 'bad'
                                : item.attention[0]!.level === 'warn'
                                  ? 'warn'
                                  : 'info'
                            }
                          >
                            {t('cockpits.attention-n', { n: item.attention.length })}
                          </Label>
                        ) : null}
                        {item.waiting ? <Label>{t('cockpits.waiting-n', { n: item.waiting })}</Label> : null}
                        {item.failed ? <Label tone="bad">{t('cockpits.failed-n', { n: item.failed })}</Label> : null}
                      </p>
                    </Link>
                  </li>
                ))}
            </ul>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
