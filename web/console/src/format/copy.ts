/** Copying a text: also where the page came over plain HTTP, when browsers have no clipboard to offer (secure contexts only). */
export async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.style.position = 'fixed';
  field.style.opacity = '0';
  document.body.append(field);
  field.select();
  // The old way, and the only one that is left there.
  const copied = document.execCommand('copy');
  field.remove();
  return copied;
}
