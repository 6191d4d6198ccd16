/** A poster before it is sent: checked, and made smaller in the page, since phones take photographs of ten megabytes. */

const TYPES = ['image/jpeg', 'image/png', 'image/webp']
const LONGEST = 1600
const SMALL_ENOUGH = 1_500_000

export function pictureFault(file: Pick<File, 'type' | 'size'>): string {
  if (!TYPES.includes(file.type)) return '请选择 JPG、PNG 或 WebP 图片'
  return file.size > 40_000_000 ? '图片太大了，请换一张' : ''
}

export async function shrink(file: File): Promise<Blob> {
  if (file.size <= SMALL_ENOUGH) return file
  const url = URL.createObjectURL(file)
  try {
    const image = await load(url)
    const scale = Math.min(1, LONGEST / Math.max(image.naturalWidth, image.naturalHeight))
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(image.naturalWidth * scale)
    canvas.height = Math.round(image.naturalHeight * scale)
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise<Blob>((resolve) => {
      canvas.toBlob((blob) => {
        resolve(blob ?? file)
      }, 'image/jpeg', 0.88)
    })
  } finally {
    URL.revokeObjectURL(url)
  }
}

function load(url: string): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const image = new Image()
    image.onload = () => {
      resolve(image)
    }
    image.onerror = () => {
      reject(new Error('unreadable'))
    }
    image.src = url
  })
}
