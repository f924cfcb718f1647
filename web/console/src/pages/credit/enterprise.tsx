/** 企业全景: everything known of one enterprise, and for every value where it comes from. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api } from '../../api/client.ts';
import { Label, useTabTitle } from '../../components/page.tsx';
import { Loaded, Skeleton } from '../../components/states.tsx';
import { Instant } from '../../components/value.tsx';
import { full, percent } from '../../format/index.ts';
import { unitText } from '../../format/units.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { PurposeNote } from '../../session/purpose-note.tsx';
import { Score } from '../assess/score.tsx';
import { EnterpriseWarnings } from '../assess/warnings.tsx';
import { EnterprisePlace } from '../libraries/enterprise-place.tsx';
import { Belongs } from '../themes/belongs.tsx';
import { Cell } from './cell.tsx';
import { Contradictions } from './contradictions.tsx';
import { OriginDrawer } from './origin.tsx';
import { Category } from './records.tsx';
import { Registration } from './registration.tsx';
import { Relations } from './relations.tsx';
import { Timeline } from './timeline.tsx';
import { type Panorama, statusTone } from './types.ts';
import { WhyDrawer } from './why.tsx';

export default function Enterprise() {
  const { entity } = useParams({ strict: false }) as { entity: string };
  const { t, language } = useSpeech();
  const url = useUrlState();
  const panorama = useQuery({
    queryKey: ['credit', 'enterprise', entity],
    queryFn: ({ signal }) => api.get('/api/v1/credit/enterprises/{entity}', { params: { entity }, signal }),
  });
  useTabTitle(panorama.data?.heading.name);
  const why = url.get('why');
  const fact = url.get('fact');
  return (
    <>
      <Loaded query={panorama} skeleton={<Bones />} heading={t('titles.enterprise')}>
        {(data) => (
          <>
            <Heading data={data} />
            {data.hints.map((hint) => (
              <p key={hint.code} className="note small" style={{ marginBlockStart: 12 }}>
                {hint[language]}
              </p>
            ))}
            <div className="panorama">
              <Anchors data={data} />
              <div className="stack">
                <Registration data={data} />
                <Belongs library="legal-person" entity={entity} />
                <EnterprisePlace entity={entity} />
                <EnterpriseWarnings entity={entity} />
                <Score entity={entity} />
                <Timeline data={data} />
                {data.categories
                  .filter((category) => category.count > 0)
                  .map((category) => (
                    <Category key={category.category} entity={entity} category={category} />
                  ))}
                <Nothing data={data} />
                {data.contradictions.length ? <Contradictions data={data} /> : null}
                <Relations entity={entity} summary={data.relations} />
              </div>
            </div>
          </>
        )}
      </Loaded>
      {why ? (
        <WhyDrawer
          entity={entity}
          attribute={why}
          fact={panorama.data?.registration.find((v) => v.attribute === why)?.source?.fact ?? null}
          onClose={() => url.set({ why: undefined })}
        />
      ) : null}
      {fact ? <OriginDrawer fact={fact} onClose={() => url.set({ fact: undefined })} /> : null}
    </>
  );
}

function Bones() {
  return (
    <div className="stack">
      <Skeleton rows={4} />
      <Skeleton rows={10} />
    </div>
  );
}

function Heading({ data }: { data: Panorama }) {
  const { t, language } = useSpeech();
  const { heading, quality } = data;
  const former = data.formerNames.filter((alias) => alias.kind === 'former');
  const entries: [string, React.ReactNode][] = [
    [
      t('terms.attribute.uscc'),
      heading.uscc ? (
        <span key="uscc" className="mono">
          {heading.uscc}
        </span>
      ) : (
        t('credit.no-code')
      ),
    ],
    [t('terms.attribute.legal-representative'), <Cell key="rep" cell={heading.legalRepresentative} />],
    [
      t('terms.attribute.capital'),
      heading.capital ? (
        <span key="capital">
          {full(Number(heading.capital))}
          <span className="unit">
            {t('credit.ten-thousand')}
            {unitText(heading.currency, language)}
          </span>
        </span>
      ) : (
        '—'
      ),
    ],
    [t('terms.attribute.established'), heading.established ?? '—'],
    [t('terms.attribute.industry'), heading.industryTitle ?? heading.industry ?? '—'],
    [t('terms.attribute.division'), heading.divisionTitle ?? heading.division ?? '—'],
  ];
  if (heading.closed) entries.push([t('terms.attribute.closed'), heading.closed]);
  return (
    <header className="panel ent-head">
      <div className="ent-main">
        <div className="row">
          <h1>{heading.name}</h1>
          {heading.status ? <Label tone={statusTone(heading.status)}>{heading.status}</Label> : null}
          {heading.kind ? <Label>{heading.kind}</Label> : null}
        </div>
        {former.length ? (
          <p className="small quiet">
            {t('credit.former')} {former.map((alias) => alias.name).join('、')}
          </p>
        ) : null}
        <dl className="ent-facts">
          {entries.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
          <div className="wide">
            <dt>{t('terms.attribute.address')}</dt>
            <dd>{heading.address ?? '—'}</dd>
          </div>
        </dl>
        <PurposeNote />
        <p>
          <Link to="/credit/chains" search={{ entity: String(data.entity) } as never}>
            {t('assess.chains.open')}
          </Link>
        </p>
      </div>
      <dl className="ent-score">
        <div>
          <dt>{t('credit.quality')}</dt>
          <dd className="big">{percent(quality.score, 0)}</dd>
        </div>
        <div>
          <dt>{t('credit.facts')}</dt>
          <dd>{full(quality.facts)}</dd>
        </div>
        <div>
          <dt>{t('credit.sources')}</dt>
          <dd>{full(quality.sources)}</dd>
        </div>
        <div>
          <dt>{t('credit.contradictions')}</dt>
          <dd className={quality.contradictions ? 'warn-text' : ''}>{full(quality.contradictions)}</dd>
        </div>
        <div className="wide small quiet">
          <dt>{t('common.updated')}</dt>
          <dd>
            <Instant at={quality.recordedAt} />
          </dd>
        </div>
      </dl>
    </header>
  );
}

interface Anchor {
  id: string;
  label: string;
  count?: number;
  tone?: string;
}

/** The parts of the page, with how much is in each; the one on screen is marked. */
function Anchors({ data }: { data: Panorama }) {
  const { t, say } = useSpeech();
  const anchors: Anchor[] = [
    { id: 'registration', label: t('credit.registration') },
    { id: 'score', label: t('assess.score.title') },
    { id: 'timeline', label: t('credit.timeline.title') },
    ...data.categories
      .filter((c) => c.count > 0)
      .map((c) => ({ id: `c-${c.category}`, label: say(c.title), count: c.count })),
    ...(data.contradictions.length
      ? [
          {
            id: 'contradictions',
            label: t('credit.contradictions'),
            count: data.contradictions.length,
            tone: 'warn-text',
          },
        ]
      : []),
    { id: 'relations', label: t('credit.relations.title'), count: data.relations.reduce((sum, r) => sum + r.count, 0) },
  ];
  const [here, setHere] = useState('registration');
  const ids = anchors.map((a) => a.id).join(' ');
  useEffect(() => {
    const sections = ids.split(' ').map((id) => document.getElementById(id));
    const visible = new Map<string, boolean>();
    const observer = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) visible.set(entry.target.id, entry.isIntersecting);
        const first = ids.split(' ').find((id) => visible.get(id));
        if (first) setHere(first);
      },
      { rootMargin: '-110px 0px -55% 0px' },
    );
    for (const section of sections) if (section) observer.observe(section);
    return () => observer.disconnect();
  }, [ids]);
  return (
    <nav className="anchors" aria-label={t('credit.parts')}>
      <ul>
        {anchors.map((anchor) => (
          <li key={anchor.id}>
            <a
              href={`#${anchor.id}`}
              aria-current={here === anchor.id ? 'true' : undefined}
              onClick={(event) => {
                event.preventDefault();
                const section = document.getElementById(anchor.id);
                section?.scrollIntoView({ block: 'start' });
                section?.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
              }}
            >
              <span>{anchor.label}</span>
              {anchor.count === undefined ? null : (
                <span className={`num ${anchor.tone ?? 'quiet'}`}>{full(anchor.count)}</span>
              )}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Classes without a record are told in one line, so that nothing there is known to be nothing. */
function Nothing({ data }: { data: Panorama }) {
  const { t, say } = useSpeech();
  const none = data.categories.filter((category) => category.count === 0);
  if (none.length === 0) return null;
  return (
    <p className="quiet small">
      {t('credit.nothing')} {none.map((category) => say(category.title)).join(' · ')}
    </p>
  );
}
