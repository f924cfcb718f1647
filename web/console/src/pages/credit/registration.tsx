import { QuestionCircleOutlined } from '@ant-design/icons';
import { Label, Panel } from '../../components/page.tsx';
import { unitText } from '../../format/units.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Cell } from './cell.tsx';
import type { Panorama } from './types.ts';

/** A value; a code that the hub has a name for is shown by its name, the code small beside it. */
function Named({ value, data }: { value: Panorama['registration'][number]; data: Panorama }) {
  const { language } = useSpeech();
  const { heading } = data;
  const code = value.cell.value;
  if (value.attribute === 'currency' && code && value.cell.shown === 'plain' && !value.cell.flagged)
    return <span>{unitText(code, language)}</span>;
  const named: Record<string, [code: string | null, title: string | null]> = {
    industry: [heading.industry, heading.industryTitle],
    division: [heading.division, heading.divisionTitle],
  };
  const [of, title] = named[value.attribute] ?? [null, null];
  if (!title || code === null || code !== of) return <Cell cell={value.cell} unit={value.unit} />;
  return (
    <span>
      {title} <span className="small quiet mono">{code}</span>
    </span>
  );
}

/** The golden record: every value with its source, and the button that says why it is this value. */
export function Registration({ data }: { data: Panorama }) {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const variants = data.formerNames.filter((alias) => alias.kind === 'variant');
  return (
    <Panel
      id="registration"
      title={t('credit.registration')}
      extra={<span className="quiet">{t('credit.registration-note')}</span>}
    >
      <dl className="golden">
        {data.registration.map((value) => (
          <div
            key={value.attribute}
            className={value.attribute === 'scope' && (value.cell.value?.length ?? 0) > 40 ? 'wide' : undefined}
          >
            <dt>{say(value.title)}</dt>
            <dd>
              <div className="golden-value">
                <Named value={value} data={data} />
                {value.contradictions > 0 ? (
                  <Label tone="warn" title={t('credit.contradicted-text')}>
                    {t('credit.contradicted', { n: value.contradictions })}
                  </Label>
                ) : null}
              </div>
              <button type="button" className="why" onClick={() => url.set({ why: value.attribute })}>
                <QuestionCircleOutlined aria-hidden="true" />{' '}
                {value.source ? say(value.source.title) : t('credit.why.title')}
                <span className="visually-hidden">{t('credit.why.open', { attribute: say(value.title) })}</span>
              </button>
            </dd>
          </div>
        ))}
      </dl>
      {variants.length ? (
        <p className="small quiet" style={{ marginBlockStart: 12 }}>
          {t('credit.variants')} {variants.map((alias) => alias.name).join('、')}
        </p>
      ) : null}
    </Panel>
  );
}
