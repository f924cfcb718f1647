import { Label, Panel } from '../../components/page.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Cell } from './cell.tsx';
import type { Panorama } from './types.ts';

/** Where departments say different things of the same attribute: all of them, side by side, the chosen one marked. */
export function Contradictions({ data }: { data: Panorama }) {
  const { t, say } = useSpeech();
  const url = useUrlState();
  return (
    <Panel
      id="contradictions"
      title={t('credit.contradictions')}
      extra={<span className="quiet">{t('credit.contradictions-note')}</span>}
    >
      <div className="stack">
        {data.contradictions.map((one) => (
          <section key={one.attribute} className="stack-s">
            <div className="row spread">
              <h3>{say(one.title)}</h3>
              <button type="button" className="link-button small" onClick={() => url.set({ why: one.attribute })}>
                {t('credit.why.title')}
              </button>
            </div>
            <ul className="versions">
              {one.values.map((value) => (
                <li
                  key={`${value.fact}-${value.class}-${value.cell.value}`}
                  className={value.chosen ? 'chosen' : undefined}
                >
                  <div className="claim-value">
                    <Cell cell={value.cell} />
                  </div>
                  <div className="small quiet">
                    {say(value.title)}
                    {value.rank === null ? '' : ` · ${t('credit.why.rank', { n: value.rank })}`}
                    {value.day ? ` · ${value.day}` : ''}
                  </div>
                  {value.chosen ? <Label tone="good">{t('credit.why.chosen')}</Label> : null}
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Panel>
  );
}
