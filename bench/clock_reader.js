// Put into a page with a <video>: fills window.samples with [wall-clock seconds, frame number] of presented frames; window.readClock()
// tells the number of the one on the screen.
({ left, top, cell, cells, bits, referenceWidth, every }) => {
  const video = document.querySelector('video');
  const canvas = new OffscreenCanvas(cells * cell, cell);
  const brush = canvas.getContext('2d', { willReadFrequently: true });
  let last = 0;
  window.samples = [];
  window.unread = 0;

  function read() {
    const scale = video.videoWidth / referenceWidth;
    brush.drawImage(video, left * scale, top * scale, cells * cell * scale, cell * scale, 0, 0, canvas.width, cell);
    const pixels = brush.getImageData(0, 0, canvas.width, cell).data;
    const levels = [];
    for (let index = 0; index < cells; index++) {
      let sum = 0;
      for (const across of [0.35, 0.5, 0.65])
        for (const down of [0.35, 0.5, 0.65])
          sum += pixels[4 * (Math.floor(cell * down) * canvas.width + Math.floor(cell * (index + across))) + 1];
      levels.push(sum / 9);
    }
    const white = (levels[0] + levels[cells - 1]) / 2;
    const black = levels[1];
    if (white - black < 64) return null;
    const row = levels.map((level) => level > (white + black) / 2);
    const code = row.slice(2, 2 + bits);
    if (!row[0] || row[1] || !row[cells - 1]) return null;
    if (row[2 + bits] !== (code.filter(Boolean).length % 2 === 1)) return null;
    return code.reduce((value, bit) => (value << 1) | (Number(bit) ^ (value & 1)), 0);
  }

  window.readClock = read;

  function presented() {
    const now = performance.timeOrigin + performance.now();
    if (now - last >= every) {
      const number = read();
      if (number === null) window.unread += 1;
      else window.samples.push([now / 1000, number]);
      last = now;
    }
    video.requestVideoFrameCallback(presented);
  }
  video.requestVideoFrameCallback(presented);
}
