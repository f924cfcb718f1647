// Chooses light or dark and the language before the first paint; a file of its own, since the policy forbids inline scripts.
(() => {
  const root = document.documentElement;
  const theme = localStorage.getItem('jingwei.theme');
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  root.style.background = dark ? '#0f1514' : '#f3f5f2';
  if (localStorage.getItem('jingwei.language') === 'en') root.lang = 'en';
})();
