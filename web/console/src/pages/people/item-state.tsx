import { Label } from '../../components/page.tsx';
import { useSpeech } from '../../i18n/index.ts';

const tones: Record<string, 'good' | 'warn' | 'bad' | 'info' | undefined> = {
  ...{ confirmed: 'good', restored: 'good', withdrawn: 'warn', suspended: 'bad', unanswered: 'warn', open: 'info' },
};

/** What became of an item of a review, with who decided and why. */
export function ItemState({ of: item }: { of: { state: string; decidedBy: string | null; comment: string | null } }) {
  const { t } = useSpeech();
  const said = [item.decidedBy, item.comment].filter(Boolean).join(' · ');
  return (
    <>
      <Label tone={tones[item.state]}>{t(`people.review.state.${item.state}`)}</Label>
      {said ? <div className="small quiet">{said}</div> : null}
    </>
  );
}
