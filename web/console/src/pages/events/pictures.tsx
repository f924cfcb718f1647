/** Pictures of an event: the scene before, and what was done. Small ones here, the whole picture (audited) in a page of its own. */
import { Panel } from '../../components/page.tsx';
import { Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import type { EventPage } from './shared.tsx';

type Picture = EventPage['pictures'][number];
const kinds = ['scene', 'done'] as const;

export function Pictures({ pictures }: { pictures: readonly Picture[] }) {
  const { t } = useSpeech();
  if (pictures.length === 0) return null;
  return (
    <Panel title={t('events.pictures')} extra={<span className="quiet">{t('events.pictures-note')}</span>}>
      <div className="event-pictures">
        {kinds.map((kind) => {
          const own = pictures.filter((x) => x.kind === kind);
          return own.length ? (
            <section key={kind} className="stack-s">
              <h3 className="small">{t(`events.picture.${kind}`)}</h3>
              <ul>
                {own.map((x, i) => (
                  <li key={x.id}>
                    <a href={`/api/v1/events/pictures/${x.id}`} target="_blank" rel="noreferrer">
                      <img
                        src={`/api/v1/events/pictures/${x.id}?small=true`}
                        alt={t('events.picture-n', { kind: t(`events.picture.${kind}`), n: i + 1 })}
                        loading="lazy"
                      />
                    </a>
                    {x.takenAt ? (
                      <span className="small quiet">
                        <Instant at={x.takenAt} />
                      </span>
                    ) : null}
                  </li>
                ))}
              </ul>
            </section>
          ) : null;
        })}
      </div>
    </Panel>
  );
}
